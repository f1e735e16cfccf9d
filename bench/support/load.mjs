// The load generator's process. Gets one message with settings, sends one back:
// {requests, requestsPerSecond, p50, p975, p99} with latencies in milliseconds; fails when an answer is not 200.
import { Agent, request } from 'node:http';
import autocannon from 'autocannon';

/** As many requests as the connections manage, each sending its next one when it is answered. */
const runClosedLoop = ({ url, headers, bodies, connections, seconds }) =>
  new Promise((resolve, reject) => {
    const latencies = [];
    const options = { url, method: 'POST', headers, connections, duration: seconds };
    const running = autocannon({ ...options, requests: bodies.map((body) => ({ body })) }, (error, result) => {
      if (error) return reject(error);
      if (result.non2xx + result.errors > 0) return reject(new Error(`${result.non2xx + result.errors} failed.`));
      resolve({ latencies, elapsedSeconds: result.duration });
    });
    running.on('response', (_client, _status, _bytes, milliseconds) => latencies.push(milliseconds));
  });

/** A new process compiles and connects for so long, at the cost of what it measures; that is not the server's. */
const WARM_UP_SECONDS = 1;

/**
 * Requests at a fixed rate, evenly spread, whether answers keep up or not (autocannon sends a second's worth at its
 * beginning). A latency counts from the moment the request was due, so waiting for the generator is not left out.
 */
const runAtRate = ({ url, headers, bodies, connections, seconds, requestsPerSecond }) =>
  new Promise((resolve, reject) => {
    const agent = new Agent({ keepAlive: true, maxSockets: connections });
    const latencies = [];
    const uncounted = WARM_UP_SECONDS * requestsPerSecond;
    const total = uncounted + seconds * requestsPerSecond;
    const start = performance.now();
    const dueAt = (index) => start + (index * 1000) / requestsPerSecond;
    let sent = 0;
    let answered = 0;
    const sendDue = () => {
      for (; sent < total && dueAt(sent) <= performance.now(); sent++) {
        const [due, isCounted] = [dueAt(sent), sent >= uncounted];
        send({ url, headers, agent, body: bodies[sent % bodies.length] }).then(() => {
          if (isCounted) latencies.push(performance.now() - due);
          if (++answered === total) finish();
        }, reject);
      }
      if (sent < total) setTimeout(sendDue, 1);
    };
    const finish = () => {
      agent.destroy();
      resolve({ latencies, elapsedSeconds: (performance.now() - start) / 1000 - WARM_UP_SECONDS });
    };
    sendDue();
  });

const send = ({ url, headers, agent, body }) =>
  new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: 'POST',
      agent,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    });
    outgoing.on('error', reject).on('response', (response) => {
      if (response.statusCode !== 200) return reject(new Error(`Answered ${response.statusCode}.`));
      response.resume().on('end', resolve);
    });
    outgoing.end(body);
  });

process.once('message', async (settings) => {
  const { latencies, elapsedSeconds } = await (settings.requestsPerSecond ? runAtRate : runClosedLoop)(settings);
  latencies.sort((a, b) => a - b);
  const percentile = (part) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))];
  process.send({
    requests: latencies.length,
    requestsPerSecond: latencies.length / elapsedSeconds,
    p50: percentile(0.5),
    p975: percentile(0.975),
    p99: percentile(0.99),
  });
});
