import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Violation } from '../../kernel/domain-error.js';
import { isObject } from '../../kernel/json.js';
import type { JsonObject } from '../../kernel/json.js';
import { validateDefinition } from './validate.js';
import type { DefinitionChecks } from './definition-checks.js';

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });

const checks: DefinitionChecks = {
  actionTypes: (name) =>
    name === 'send_email'
      ? {
          parametersSchema: {
            type: 'object',
            required: ['template', 'recipient'],
            additionalProperties: false,
            properties: {
              template: { type: 'string', maxLength: 20 },
              recipient: { type: 'string', pattern: '^[^@]+@[^@]+$' },
              copies: { type: 'integer' },
            },
          },
        }
      : undefined,
  checkCondition: (form): Violation[] => {
    if (!('condition' in form)) return [];
    const [operator] = isObject(form.condition) ? Object.keys(form.condition) : [];
    return operator === 'bogus' ? [{ pointer: '#/condition/bogus', message: 'Unknown operator.' }] : [];
  },
  isEventType: (type) => type === 'crm.lead-created' || type === 'a.b',
  checkFormSchema: ({ type }) => (type === 'object' ? [] : [{ pointer: '#/type', message: 'No type.' }]),
  checkCron: (cron) => (cron === 'never' ? 'Never.' : undefined),
  checkSchema: (schema, value) => {
    const check = ajv.compile(schema);
    check(value);
    return (check.errors ?? []).map(({ instancePath, params, message = '' }) => {
      const missing: unknown = params.missingProperty;
      return { pointer: `#${instancePath}${typeof missing === 'string' ? `/${missing}` : ''}`, message };
    });
  },
};

const places = (definition: unknown): string[] =>
  validateDefinition(definition, checks).map((violation) => violation.pointer);

const mail = (id: string, rest: JsonObject = {}): JsonObject => ({
  id,
  name: id,
  type: 'action',
  configuration: { action: 'send_email', parameters: { template: 't', recipient: '{{variables.lead.email}}' } },
  nextSteps: [],
  ...rest,
});

const delay = (id: string, configuration: JsonObject, nextSteps: string[] = []): JsonObject => ({
  id,
  name: id,
  type: 'delay',
  configuration,
  nextSteps,
});

const condition = (id: string, configuration: JsonObject, rest: JsonObject = {}): JsonObject => ({
  id,
  name: id,
  type: 'condition',
  configuration: { condition: true, ...configuration },
  nextSteps: [],
  ...rest,
});

const workflow = (...steps: JsonObject[]): JsonObject => ({
  name: 'Nurture',
  trigger: { type: 'manual' },
  variables: [{ name: 'lead', type: 'object', required: true }],
  steps,
});

/** One mail whose parameters, or whatever else, are given. */
const withParameters = (parameters: JsonObject): JsonObject =>
  workflow(mail('a', { configuration: { action: 'send_email', parameters } }));

describe('validateDefinition', () => {
  it('accepts what can run', () => {
    const definition = workflow(
      mail('welcome', { nextSteps: ['wait'], onError: { then: 'goto', goto: 'wait' } }),
      delay('wait', { duration: 2 }, ['answered']),
      condition('answered', {
        condition: { some: [{ var: 'lead.mails' }, { '==': [{ var: 'kind' }, { val: ['steps', 'welcome', 'id'] }] }] },
        when: 'last',
        otherwise: 'again',
      }),
      delay('again', { until: '{{steps.answered.result}}' }, ['welcome']),
      mail('last', {
        configuration: { action: 'send_email', parameters: { template: '{{execution.id}}', recipient: 'a@b' } },
      }),
    );
    expect(validateDefinition(definition, checks)).toEqual([]);
  });

  it('accepts a step of a cycle that reads its own earlier visit', () => {
    const own = { template: '{{steps.a}}', recipient: 'a@b' };
    const a = mail('a', { configuration: { action: 'send_email', parameters: own }, nextSteps: ['w'] });
    expect(places(workflow(a, delay('w', { duration: 'PT1S' }, ['a'])))).toEqual([]);
    expect(places(workflow(a, delay('w', { duration: 'PT1S' })))).toEqual([
      '#/steps/0/configuration/parameters/template',
    ]);
  });

  it('lets a placeholder stand where its value is not yet known, and checks everything else', () => {
    expect(places(withParameters({ template: 't', recipient: '{{lead.email}}', copies: '{{lead.copies}}' }))).toEqual(
      [],
    );
    expect(places(withParameters({ template: 't', recipient: 'nobody', copies: '3' }))).toEqual([
      '#/steps/0/configuration/parameters/recipient',
      '#/steps/0/configuration/parameters/copies',
    ]);
    expect(places(withParameters({ template: 't' }))).toEqual(['#/steps/0/configuration/parameters/recipient']);
  });

  it('offers the variable event to a workflow that an event starts', () => {
    const body = withParameters({ template: 't', recipient: '{{event.payload.email}}' });
    const trigger = { type: 'event', eventType: 'crm.lead-created', filter: { '>': [{ var: 'payload.score' }, 50] } };
    expect(places({ ...body, trigger, variables: [{ name: 'lead', type: 'object' }] })).toEqual([]);
    expect(places(body)).toEqual(['#/steps/0/configuration/parameters/recipient']);
  });

  const twoMails = [mail('a', { nextSteps: ['b'] }), mail('b')];
  it.each<[string, unknown, string[]]>([
    ['no object', null, ['#']],
    ['no steps', workflow(), ['#/steps']],
    ['a missing id', workflow({ ...mail('a'), id: undefined as never }), ['#/steps/0/id']],
    ['an id with a dot', workflow(mail('a.b')), ['#/steps/0/id']],
    ['a duplicate id', workflow(mail('a'), mail('a')), ['#/steps/1/id']],
    ['an unknown key of a step', workflow(mail('a', { nextStep: 'b' })), ['#/steps/0']],
    ['a nextSteps that names nothing', workflow(mail('a', { nextSteps: ['b'] })), ['#/steps/0/nextSteps/0']],
    ['a when that names nothing', workflow(condition('a', { when: 'b' })), ['#/steps/0/configuration/when']],
    [
      'a goto that names nothing',
      workflow(mail('a', { onError: { then: 'goto', goto: 'b' } })),
      ['#/steps/0/onError/goto'],
    ],
    [
      'a goto without then',
      workflow(mail('a', { onError: { then: 'fail', goto: 'a' } })),
      ['#/steps/0/onError/goto', '#/steps/0/onError/goto'],
    ],
    ['a then without goto', workflow(mail('a', { onError: { then: 'goto' } })), ['#/steps/0/onError/goto']],
    ['an unknown then', workflow(mail('a', { onError: { then: 'panic' } })), ['#/steps/0/onError/then']],
    [
      'a negative number of attempts',
      workflow(mail('a', { onError: { then: 'fail', retry: { attempts: -1, backoff: 'fixed', delayMs: 1 } } })),
      ['#/steps/0/onError/retry/attempts'],
    ],
    ['two next steps', workflow(mail('a', { nextSteps: ['b', 'c'] }), mail('b'), mail('c')), ['#/steps/0/nextSteps']],
    ['an unreachable step', workflow(mail('a'), mail('b')), ['#/steps/1']],
    [
      'an unreachable cycle',
      workflow(mail('a'), delay('b', { duration: 1 }, ['c']), delay('c', { duration: 1 }, ['b'])),
      ['#/steps/1', '#/steps/2'],
    ],
    ['a step that follows itself', workflow(mail('a', { nextSteps: ['a'] })), ['#/steps/0/nextSteps/0']],
    [
      'a cycle without a delay',
      workflow(mail('a', { nextSteps: ['b'] }), condition('b', { when: 'a' })),
      ['#/steps/1/configuration/when'],
    ],
    [
      'a cycle by goto',
      workflow(mail('a', { nextSteps: ['b'] }), mail('b', { onError: { then: 'goto', goto: 'a' } })),
      ['#/steps/1/onError/goto'],
    ],
    [
      'a cycle whose delay is not sure',
      workflow(mail('a', { nextSteps: ['w'] }), delay('w', { until: '2026-12-01' }, ['a'])),
      ['#/steps/1/nextSteps/0'],
    ],
    [
      'a cycle around a delay',
      workflow(
        condition('c', { when: 'w', otherwise: 'd' }),
        delay('w', { duration: 1 }, ['c']),
        mail('d', { nextSteps: ['c'] }),
      ),
      ['#/steps/2/nextSteps/0'],
    ],
    ['an unknown type', workflow(mail('a', { type: 'teleport' })), ['#/steps/0/type']],
    [
      'an unknown action',
      workflow(mail('a', { configuration: { action: 'send_fax' } })),
      ['#/steps/0/configuration/action'],
    ],
    ['an action without a name', workflow(mail('a', { configuration: {} })), ['#/steps/0/configuration/action']],
    ['a delay of nothing', workflow(delay('a', {})), ['#/steps/0/configuration']],
    ['a delay of both kinds', workflow(delay('a', { duration: 1, until: '2026-12-01' })), ['#/steps/0/configuration']],
    ['a duration that is none', workflow(delay('a', { duration: '2 days' })), ['#/steps/0/configuration/duration']],
    ['an instant that is none', workflow(delay('a', { until: '2026-02-30' })), ['#/steps/0/configuration/until']],
    ['a condition without a branch', workflow(condition('a', {})), ['#/steps/0/configuration']],
    [
      'two forms of condition',
      workflow(condition('a', { conditions: [{}], when: 'b' }), mail('b')),
      ['#/steps/0/configuration'],
    ],
    [
      'a faulty condition',
      workflow(condition('a', { condition: { bogus: [] }, when: 'b' }), mail('b')),
      ['#/steps/0/configuration/condition/bogus'],
    ],
    [
      'nextSteps that are never taken',
      workflow(condition('a', { when: 'b', otherwise: 'b' }, { nextSteps: ['b'] }), mail('b')),
      ['#/steps/0/nextSteps'],
    ],
    [
      'a malformed placeholder',
      withParameters({ template: '{{a b}}', recipient: 'a@b' }),
      ['#/steps/0/configuration/parameters/template'],
    ],
    [
      'an unclosed placeholder',
      withParameters({ template: '{{lead', recipient: 'a@b' }),
      ['#/steps/0/configuration/parameters/template'],
    ],
    [
      'an undeclared variable',
      withParameters({ template: '{{variables.deal.id}}', recipient: 'a@b' }),
      ['#/steps/0/configuration/parameters/template'],
    ],
    [
      'an inherited name',
      withParameters({ template: '{{variables.toString}}', recipient: 'a@b' }),
      ['#/steps/0/configuration/parameters/template'],
    ],
    [
      'a fact of the execution that is none',
      withParameters({ template: '{{execution.age}}', recipient: 'a@b' }),
      ['#/steps/0/configuration/parameters/template'],
    ],
    [
      'a read from no step',
      withParameters({ template: '{{steps.z}}', recipient: 'a@b' }),
      ['#/steps/0/configuration/parameters/template'],
    ],
    [
      'a delay by a later step',
      workflow(delay('w', { duration: '{{steps.a.days}}' }, ['a']), mail('a')),
      ['#/steps/0/configuration/duration'],
    ],
    [
      'an undeclared variable in a condition',
      workflow(condition('c', { condition: { and: [true, { var: ['deal.id', 0] }] }, when: 'a' }), mail('a')),
      ['#/steps/0/configuration/condition/and/1/var/0'],
    ],
    [
      'an undeclared variable that may be missing',
      workflow(condition('c', { condition: { missing_some: [1, ['lead', 'deal']] }, when: 'a' }), mail('a')),
      ['#/steps/0/configuration/condition/missing_some/1/1'],
    ],
    [
      'an undeclared list',
      workflow(
        condition('c', { condition: { all: [{ val: ['deals', 'open'] }, { var: 'x' }] }, when: 'a' }),
        mail('a'),
      ),
      ['#/steps/0/configuration/condition/all/0/val'],
    ],
    ['an unknown trigger', { ...workflow(...twoMails), trigger: { type: 'moon' } }, ['#/trigger/type']],
    [
      'an event trigger without a type',
      { ...workflow(...twoMails), trigger: { type: 'event' } },
      ['#/trigger/eventType'],
    ],
    [
      'a faulty filter',
      { ...workflow(...twoMails), trigger: { type: 'event', eventType: 'a.b', filter: { bogus: 1 } } },
      ['#/trigger/filter/bogus', '#/variables/0/required'],
    ],
    [
      'a variable declared twice',
      {
        ...workflow(...twoMails),
        variables: [
          { name: 'lead', type: 'object' },
          { name: 'lead', type: 'array' },
        ],
      },
      ['#/variables/1/name'],
    ],
    [
      'a default of another type',
      { ...workflow(...twoMails), variables: [{ name: 'lead', type: 'object', default: [] }] },
      ['#/variables/0/default'],
    ],
    ['a timeout of nothing', { ...workflow(...twoMails), settings: { timeoutMs: 0 } }, ['#/settings/timeoutMs']],
  ])('refuses %s', (_fault, definition, expected) => {
    expect(places(definition)).toEqual(expected);
  });

  it('reads the fields of field conditions', () => {
    const conditions = [
      { field: 'lead.score', operator: 'exists' },
      { field: 'variables.deal', operator: 'exists' },
    ];
    const step = { ...condition('c', {}), configuration: { conditions, when: 'a' } };
    expect(places(workflow(step, mail('a')))).toEqual(['#/steps/0/configuration/conditions/1/field']);
  });

  it('tells all faults of a definition at once', () => {
    const definition = workflow(mail('a', { type: 'teleport', nextSteps: ['x'] }), delay('b', { duration: 0 }));
    expect(places(definition)).toEqual([
      '#/steps/0/type',
      '#/steps/1/configuration/duration',
      '#/steps/0/nextSteps/0',
      '#/steps/1',
    ]);
  });
});
