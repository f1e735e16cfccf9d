import { describe, expect, test } from '@jest/globals';
import { EmailTemplate, fillIn } from './email-template.js';

const now = new Date(0);
const authored = { name: 'welcome', subject: 'Welcome, {{lead.name}}', text: 'Hello {{lead.name}}' };
const create = (members: object = {}) =>
  EmailTemplate.create({ id: 't', organizationId: 'o' }, { ...authored, ...members }, now);

describe('a mail template', () => {
  test('is filled in; a subject stays on one line, and what was filled in is not read again', () => {
    const scope = { lead: { name: 'Ann\r\nBcc: eve@example.com {{secret}}' }, secret: 'x' };
    expect(fillIn(authored, scope)).toEqual({
      subject: 'Welcome, Ann Bcc: eve@example.com {{secret}}',
      text: 'Hello Ann\r\nBcc: eve@example.com {{secret}}',
    });
    expect(fillIn({ subject: '{{count}}', text: '{{missing}}' }, { count: 3 })).toEqual({ subject: '3', text: '' });
  });

  test('is refused with placeholders that cannot be read', () => {
    expect(() => create({ text: 'Hello {{lead name}}, {{' })).toThrow(
      expect.objectContaining({
        code: 'invalid-template',
        details: { violations: [expect.objectContaining({ pointer: '#/text' }), expect.anything()] },
      }),
    );
  });

  test('changes and goes only as its editor saw it', () => {
    const { template, events } = create();
    Object.assign(template, { version: 2 });
    expect(events).toMatchObject([{ type: 'workflows.email-template-created', payload: { name: 'welcome' } }]);
    expect(() => template.change({ ...authored, name: 'x' }, now, 1)).toThrow(
      expect.objectContaining({ kind: 'stale' }),
    );
    expect(() => template.remove(1)).toThrow(expect.objectContaining({ kind: 'stale' }));
    expect(template.change({ ...authored, name: 'x' }, now, 2)).toMatchObject([{ payload: { name: 'x' } }]);
  });
});
