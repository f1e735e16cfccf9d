import { describe, expect, test } from '@jest/globals';
import { EmailTemplate } from './email-template.js';

const now = new Date(0);
const authored = { name: 'welcome', subject: 'Welcome, {{lead.name}}', text: 'Hello {{lead.name}}' };
const create = (members: object = {}) =>
  EmailTemplate.create({ id: 't', organizationId: 'o' }, { ...authored, ...members }, now);

describe('a mail template', () => {
  test('is refused with the place of each fault', () => {
    expect(() => create({ subject: '{{ name | shout }}', text: 'Hello\n {{lead name}}, {{' })).toThrow(
      expect.objectContaining({
        code: 'invalid-template',
        details: {
          violations: [
            { pointer: '#/subject', message: 'Line 1, column 1: undefined filter: shout.' },
            { pointer: '#/text', message: 'Line 2, column 17: output "{{" not closed.' },
          ],
        },
      }),
    );
  });

  test.each([
    ['nothing', { text: undefined }],
    ['two things', { body: '# Hello' }],
    ['nothing, said out loud', { text: null, body: null }],
  ])('is refused when its body is %s', (_, members) => {
    const violations = [{ pointer: '#/body', message: 'Give either a Markdown body or a plain text.' }];
    expect(() => create(members)).toThrow(
      expect.objectContaining({ code: 'invalid-template', details: { violations } }),
    );
  });

  test('changes and goes only as its editor saw it', () => {
    const { template, events } = create();
    Object.assign(template, { version: 2 });
    expect(events).toMatchObject([{ type: 'workflows.email-template-created', payload: { name: 'welcome' } }]);
    expect(() => template.change({ ...authored, name: 'x' }, now, 1)).toThrow(
      expect.objectContaining({ kind: 'stale' }),
    );
    expect(() => template.remove(now, 1)).toThrow(expect.objectContaining({ kind: 'stale' }));
    expect(template.change({ name: 'x', subject: 'Hi', body: '# Hi' }, now, 2)).toMatchObject([
      { payload: { name: 'x' } },
    ]);
    expect(template).toMatchObject({ body: '# Hi', text: null });
    expect(template.remove(now, 2)).toMatchObject([{ type: 'workflows.email-template-removed' }]);
    expect(template.archivedAt).toBe(now);
  });
});
