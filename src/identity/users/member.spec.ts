import { describe, expect, it } from '@jest/globals';
import { Member, type MemberStatus } from './member.js';

const now = new Date('2026-11-22T10:00:00Z');
const input = { organizationId: 'o', userId: 'u', name: 'Dana', roles: ['member'] as const };

const inStatus = (status: MemberStatus): Member => {
  const [member] = Member.invite(input, now);
  if (status !== 'invited') member.accept(now);
  if (status === 'deactivated') member.deactivate();
  return member;
};

const actions = {
  accept: (member: Member) => member.accept(now),
  deactivate: (member: Member) => member.deactivate(),
  reactivate: (member: Member) => member.reactivate(),
  inviteAgain: (member: Member) => member.inviteAgain('Dana', ['viewer']),
} as const;

describe('a member', () => {
  it.each<[MemberStatus, keyof typeof actions, MemberStatus | 'refused']>([
    ['invited', 'accept', 'active'],
    ['invited', 'deactivate', 'deactivated'],
    ['invited', 'reactivate', 'refused'],
    ['invited', 'inviteAgain', 'invited'],
    ['active', 'accept', 'refused'],
    ['active', 'deactivate', 'deactivated'],
    ['active', 'reactivate', 'refused'],
    ['active', 'inviteAgain', 'refused'],
    ['deactivated', 'accept', 'refused'],
    ['deactivated', 'deactivate', 'refused'],
    ['deactivated', 'reactivate', 'active'],
    ['deactivated', 'inviteAgain', 'refused'],
  ])('who is %s, told to %s, is %s', (status, action, expected) => {
    const member = inStatus(status);
    if (expected === 'refused') {
      expect(() => actions[action](member)).toThrow(expect.objectContaining({ code: 'not-possible-now' }));
      expect(member.status).toBe(status);
    } else {
      expect(actions[action](member)).toHaveLength(1);
      expect(member.status).toBe(expected);
    }
  });

  it('who never came is invited again when reactivated, because there is nothing to sign in with', () => {
    const [member] = Member.invite(input, now);
    member.deactivate();
    member.reactivate();
    expect(member.status).toBe('invited');
  });

  it('tells a change of roles with before and after, and none when nothing changed', () => {
    const member = inStatus('active');
    expect(member.changeRoles(['member', 'member'])).toEqual([]);
    expect(member.changeRoles(['viewer', 'auditor', 'viewer'])).toMatchObject([
      { payload: { before: ['member'], after: ['viewer', 'auditor'] } },
    ]);
    expect(member.roles).toEqual(['viewer', 'auditor']);
  });
});
