import { describe, expect, it } from '@jest/globals';
import { act, forEach, parallel, step } from '../../../test/support/workflow-steps.js';
import type { DefinitionChecks } from './definition-checks.js';
import type { Step } from './definition.js';
import { validateDefinition } from './validate.js';

const checks: DefinitionChecks = {
  actionTypes: () => ({ parametersSchema: {} }),
  isEventType: (type) => type === 'crm.lead-changed',
  checkCondition: () => [],
  checkSchema: () => [],
  checkFormSchema: ({ type }) => (type === 'object' ? [] : [{ pointer: '#/type', message: 'No type.' }]),
  checkCron: (cron) => (cron === 'never' ? 'Never.' : undefined),
};

const faults = (steps: readonly Step[], rest: object = {}): string[] =>
  validateDefinition({ name: 'w', trigger: { type: 'manual' }, steps, ...rest }, checks).map(({ pointer }) => pointer);

const undo = act('undo');
const wait = (configuration: object, rest = {}) =>
  step('wait_for_event', 'w', { eventType: 'crm.lead-changed', ...configuration }, rest);
const task = (configuration: object) => step('human_task', 't', { title: 'Look', ...configuration });
const delay = (configuration: object) => step('delay', 'd', { duration: 1, ...configuration });
const reading = (id: string, text: string, next?: string) => act(id, next, { parameters: { text } });
const hours = { days: [1], from: '09:00', to: '17:00' };

describe('a definition with parts', () => {
  it('is accepted with every kind of step', () => {
    const steps = [
      parallel('p', ['a', 'f'], 'all', { then: 't', onError: { then: 'compensate' } }),
      act('a', 'a2', { compensation: 'undo' }),
      reading('a2', '{{steps.a}}'),
      forEach('f', ['x'], 'b'),
      reading('b', '{{item.id}} {{index}} {{steps.c}}', 'c'),
      wait({ match: { field: 'subject.id', equals: '{{item}}' }, filter: { var: 'event.payload' } }),
      task({ role: '{{steps.a}}', remindAfter: 1, timeout: 2, onTimeout: 's', form: { type: 'object' } }),
      step(
        'subworkflow',
        's',
        { workflow: 'Other', variables: { f: '{{steps.f.results}}', a: '{{steps.a2}}' } },
        {
          onError: { then: 'fail', retry: { attempts: 1, backoff: 'fixed', delayMs: 1 } },
        },
      ),
      reading('undo', '{{steps.a.id}}'),
    ];
    const body = steps.map((each): Step => (each.id === 'w' ? { ...each, id: 'c' } : each));
    expect(faults(body)).toEqual(['#/steps/4/configuration/parameters/text']);
    expect(faults(body.with(4, reading('b', '{{item.id}} {{index}}', 'c')))).toEqual([]);
  });

  it.each<[string, readonly Step[], string[]]>([
    [
      'a step of two branches',
      [parallel('p', ['a', 'b']), act('a', 'c'), act('b', 'c'), act('c')],
      ['#/steps/2/nextSteps/0'],
    ],
    ['two branches that are one', [parallel('p', ['a', 'a']), act('a')], ['#/steps/0/nextSteps/1']],
    [
      'a way out of a branch',
      [parallel('p', ['a'], 'all', { then: 'b' }), act('a', 'b'), act('b')],
      ['#/steps/1/nextSteps/0'],
    ],
    ['a way back to what encloses it', [parallel('p', ['a']), act('a', 'p')], ['#/steps/1/nextSteps/0']],
    [
      'a way out of a body by goto',
      [
        forEach('f', [], 'a', { nextSteps: ['b'] }),
        act('a', undefined, { onError: { then: 'goto', goto: 'b' } }),
        act('b'),
      ],
      ['#/steps/1/onError/goto'],
    ],
    ['a parallel without branches', [parallel('p', [])], ['#/steps/0/nextSteps']],
    ['a join of more than there are', [parallel('p', ['a'], 2), act('a')], ['#/steps/0/configuration/join']],
    [
      'two steps after a for_each',
      [forEach('f', [], 'a', { nextSteps: ['b', 'c'] }), act('a'), act('b'), act('c')],
      ['#/steps/0/nextSteps'],
    ],
    ['a body that is nowhere', [forEach('f', [], 'a')], ['#/steps/0/configuration/do']],
    ['items that are no list', [forEach('f', 'many', 'a'), act('a')], ['#/steps/0/configuration/items']],
    [
      'an item with a reserved name',
      [step('for_each', 'f', { items: [], do: 'a', as: 'steps' }), act('a')],
      ['#/steps/0/configuration/as'],
    ],
    [
      'an item outside its body',
      [forEach('f', [], 'a', { nextSteps: ['b'] }), act('a'), reading('b', '{{item}}')],
      ['#/steps/2/configuration/parameters/text'],
    ],
    ['an index without a body', [reading('a', '{{index}}')], ['#/steps/0/configuration/parameters/text']],
    [
      'an output of a body after it',
      [forEach('f', [], 'a', { nextSteps: ['b'] }), act('a'), reading('b', '{{steps.a}}')],
      ['#/steps/2/configuration/parameters/text'],
    ],
    [
      'an output of another branch',
      [parallel('p', ['a', 'b']), act('a'), reading('b', '{{steps.a}}')],
      ['#/steps/2/configuration/parameters/text'],
    ],
    [
      'an output of what encloses it',
      [parallel('p', ['a']), reading('a', '{{steps.p}}')],
      ['#/steps/1/configuration/parameters/text'],
    ],
    [
      'a cycle through a parallel',
      [parallel('p', ['x'], 'all', { then: 'b' }), act('x'), act('b', 'p')],
      ['#/steps/2/nextSteps/0'],
    ],
    [
      'a cycle by a task for a placeholder',
      [reading('a', '', 't'), { ...task({ role: '{{steps.a}}' }), nextSteps: ['a'] }],
      ['#/steps/1/nextSteps/0'],
    ],
    ['an unknown event type', [wait({ eventType: 'moon.risen' })], ['#/steps/0/configuration/eventType']],
    [
      'an event outside a filter',
      [wait({ match: { field: 'id', equals: '{{event}}' } })],
      ['#/steps/0/configuration/match/equals'],
    ],
    ['a filter over nothing', [wait({ filter: { var: 'deal.id' } })], ['#/steps/0/configuration/filter/var']],
    [
      'a way after a timeout that never comes',
      [wait({ onTimeout: 'a' }), act('a')],
      ['#/steps/0/configuration/onTimeout'],
    ],
    ['a timeout of nothing', [wait({ timeout: 0 })], ['#/steps/0/configuration/timeout']],
    ['a task of nobody', [task({})], ['#/steps/0/configuration']],
    ['an escalation to nobody', [task({ role: 'r', escalateAfter: 1 })], ['#/steps/0/configuration/escalateTo']],
    [
      'an escalation at no time',
      [task({ role: 'r', escalateTo: { role: 'h' } })],
      ['#/steps/0/configuration/escalateTo'],
    ],
    ['a form that is no schema', [task({ role: 'r', form: { type: 'moon' } })], ['#/steps/0/configuration/form/type']],
    ['a reminder after nothing', [task({ role: 'r', remindAfter: 'soon' })], ['#/steps/0/configuration/remindAfter']],
    ['no time zone', [delay({ businessHours: hours, timeZone: 'Mars/Olympus' })], ['#/steps/0/configuration/timeZone']],
    ['a time zone that does nothing', [delay({ timeZone: 'Europe/Berlin' })], ['#/steps/0/configuration/timeZone']],
    [
      'hours that end before they begin',
      [delay({ businessHours: { ...hours, to: '08:00' } })],
      ['#/steps/0/configuration/businessHours/to'],
    ],
    [
      'a local time without a zone',
      [step('delay', 'd', { until: '2026-12-01T09:00' })],
      ['#/steps/0/configuration/until'],
    ],
    [
      'a retry of what no attempt cures',
      [
        parallel('p', ['a'], 'all', {
          onError: { then: 'fail', retry: { attempts: 1, backoff: 'fixed', delayMs: 1 } },
        }),
        act('a'),
      ],
      ['#/steps/0/onError/retry'],
    ],
    ['a compensation that is nowhere', [act('a', undefined, { compensation: 'b' })], ['#/steps/0/compensation']],
    ['a compensation that is no action', [act('a', undefined, { compensation: 'd' }), delay({})], ['#/steps/1/type']],
    [
      'a compensation with a way on',
      [act('a', 'b', { compensation: 'undo' }), act('undo', 'b'), act('b')],
      ['#/steps/1/nextSteps'],
    ],
    ['a way to a compensation', [act('a', 'undo', { compensation: 'undo' }), undo], ['#/steps/0/nextSteps/0']],
    [
      'a compensation of a compensation',
      [act('a', undefined, { compensation: 'undo' }), act('undo', undefined, { compensation: 'more' }), act('more')],
      ['#/steps/1/compensation'],
    ],
    [
      'a compensation that goes elsewhere',
      [
        act('a', 'b', { compensation: 'undo' }),
        act('undo', undefined, { onError: { then: 'goto', goto: 'b' } }),
        act('b'),
      ],
      ['#/steps/1/onError/then'],
    ],
    ['a first step that undoes', [act('a', undefined, { compensation: 'a' })], ['#/steps/0', '#/steps/0/compensation']],
    [
      'a compensation for two parts',
      [
        parallel('p', ['a', 'b']),
        act('a', undefined, { compensation: 'undo' }),
        act('b', undefined, { compensation: 'undo' }),
        undo,
      ],
      ['#/steps/1/compensation'],
    ],
    [
      'a compensate without one',
      [act('a', undefined, { onError: { then: 'compensate' } })],
      ['#/steps/0/onError/then'],
    ],
  ])('is refused for %s', (_fault, steps, expected) => {
    expect(faults(steps).sort()).toEqual([...expected].sort());
  });

  it('may wait in a cycle for what must come from outside', () => {
    for (const waiting of [wait({}, { nextSteps: ['a'] }), wait({ timeout: 'PT1H' }, { nextSteps: ['a'] })]) {
      expect(faults([act('a', 'w'), waiting])).toEqual([]);
    }
    expect(faults([act('a', 't'), { ...task({ role: 'r' }), nextSteps: ['a'] }])).toEqual([]);
    expect(faults([act('a', 'w'), wait({ timeout: '{{steps.a}}' }, { nextSteps: ['a'] })])).toEqual([
      '#/steps/1/nextSteps/0',
    ]);
  });
});

describe('a trigger', () => {
  const variables = [
    { name: 'lead', type: 'object', required: true },
    { name: 'days', type: 'number' },
  ];
  const schedule = (rest: object) => ({
    variables,
    trigger: { type: 'schedule', cron: '0 9 * * 1', variables: { lead: {} }, ...rest },
  });

  it('brings its own variable', () => {
    expect(faults([reading('a', '{{schedule.scheduledAt}}')], schedule({}))).toEqual([]);
    expect(faults([reading('a', '{{webhook.body.id}}')], { trigger: { type: 'webhook' } })).toEqual([]);
    expect(faults([reading('a', '{{webhook.body.id}}')])).toEqual(['#/steps/0/configuration/parameters/text']);
  });

  it.each<[string, object, string[]]>([
    ['a cron expression that cannot be', schedule({ cron: 'never' }), ['#/trigger/cron']],
    ['no time zone', schedule({ timeZone: 'Mars/Olympus' }), ['#/trigger/timeZone']],
    ['a variable of another type', schedule({ variables: { lead: {}, days: 'two' } }), ['#/trigger/variables/days']],
    ['a variable that is not declared', schedule({ variables: { lead: {}, deal: 1 } }), ['#/trigger/variables/deal']],
    ['a variable that it must give', schedule({ variables: {} }), ['#/variables/0/required']],
    ['a variable that a webhook cannot give', { variables, trigger: { type: 'webhook' } }, ['#/variables/0/required']],
    ['an event that nothing tells', { trigger: { type: 'event', eventType: 'moon.risen' } }, ['#/trigger/eventType']],
  ])('is refused for %s', (_fault, rest, expected) => {
    expect(faults([act('a')], rest)).toEqual(expected);
  });
});
