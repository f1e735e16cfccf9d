import { setTimeout as sleep } from 'node:timers/promises';
import type { MailMoment } from './counting-mail-sink.js';
import { BOTH, type Fault } from './fault.js';
import type { FaultScene, Slot } from './fault-scene.js';
import { type StepMoment, waitForStep } from './instruments.js';
import type { SeededChance } from './seeded-chance.js';

const CATCHES_WITHIN_MS = 3_000;
/** Past the lease of six seconds. */
const STOPPED_MS = { least: 6_300, most: 7_500 };

/** Where a process is caught, and how long after that. */
interface Moment {
  readonly at: StepMoment | MailMoment;
  readonly mostAfterMs: number;
}

const BOUNDARIES: readonly Moment[] = [{ at: 'ended', mostAfterMs: 3 }];
const WITHIN: readonly Moment[] = [
  { at: 'claimed', mostAfterMs: 12 },
  { at: 'received', mostAfterMs: 15 },
  { at: 'answered', mostAfterMs: 3 },
];

/** Waits until the process is where it is to be hit; after some time any moment will do. */
async function catchAt(
  scene: FaultScene,
  slot: Slot,
  { at, mostAfterMs }: Moment,
  chance: SeededChance,
): Promise<void> {
  const afterMs = chance.next() * mostAfterMs;
  if (at === 'claimed' || at === 'ended') await waitForStep(scene.databaseUrl, slot.login, at, CATCHES_WITHIN_MS);
  else await waitForMail(slot, at);
  if (afterMs >= 1) await sleep(afterMs);
}

function waitForMail(slot: Slot, moment: MailMoment): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      slot.mails.disarm();
      resolve();
    }, CATCHES_WITHIN_MS);
    slot.mails.arm(moment, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function killAt(scene: FaultScene, moments: readonly Moment[], chance: SeededChance): Promise<void> {
  const slot = chance.pick(scene.workers);
  const pauseMs = chance.between(0, 1_000);
  await catchAt(scene, slot, chance.pick(moments), chance);
  const at = Date.now();
  const killed = scene.kill(slot);
  scene.note(at, slot, true);
  await killed;
  await sleep(pauseMs);
  await scene.start(slot);
}

async function stopAt(scene: FaultScene, chance: SeededChance): Promise<void> {
  const slot = chance.pick(scene.workers);
  const stoppedMs = chance.between(STOPPED_MS.least, STOPPED_MS.most);
  await catchAt(scene, slot, chance.pick(WITHIN), chance);
  scene.signal(slot, 'SIGSTOP');
  scene.note(Date.now(), slot, true);
  await sleep(stoppedMs);
  scene.signal(slot, 'SIGCONT');
}

/** A worker is killed just after a step's transition was committed. */
export const killedAtBoundary: Fault = {
  name: 'kill-boundary',
  backends: BOTH,
  inflict: (scene, chance) => killAt(scene, BOUNDARIES, chance),
};

/** A worker is killed while it does a step, or sends a mail. */
export const killedWithin: Fault = {
  name: 'kill-within',
  backends: BOTH,
  inflict: (scene, chance) => killAt(scene, WITHIN, chance),
};

/** A worker stands still until others have its leases, and then goes on where it was. */
export const stopped: Fault = { name: 'stop', backends: BOTH, inflict: stopAt };
