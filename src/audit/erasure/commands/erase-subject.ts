import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import type { Subject } from '../../../kernel/domain-event.js';
import { ChangeFollower, raiseHead } from '../../../platform/cache/change-follower.js';
import type { Actor } from '../../../platform/http/actor.js';
import { type Unit, UnitOfWork } from '../../unit-of-work.js';
import { subjectErased } from '../erasure.events.js';
import { SUBJECT_KEYS_SCOPE } from '../subject-keys.js';

/** What became of a subject's sealed values. */
export interface Erasure {
  readonly subjectType: string;
  readonly subjectId: string;
  /** Keys that this call destroyed; 0 when the subject was erased before. */
  readonly destroyedKeys: number;
  /** When the newest key was destroyed, ISO 8601. */
  readonly erasedAt: string;
}

export class EraseSubject extends Command<Erasure> {
  constructor(
    readonly actor: Actor,
    readonly subject: Subject,
  ) {
    super();
  }
}

interface DestroyedKey {
  readonly id: string;
  readonly generation: number;
  readonly destroyed_at: Date | string;
}

@CommandHandler(EraseSubject)
export class EraseSubjectHandler implements ICommandHandler<EraseSubject> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly follower: ChangeFollower,
  ) {}

  /** Again, it does nothing and says when it was done. @throws not-found when nothing was ever sealed for the subject */
  async execute({ actor, subject }: EraseSubject): Promise<Erasure> {
    const erasure = await this.unitOfWork.run(actor, async (unit) => {
      const destroyed = await destroyKeys(unit, subject);
      const [newest] = destroyed.length > 0 ? destroyed : await keysDestroyedBefore(unit, subject);
      if (!newest) throw notFound(`A sealed value of the ${subject.type}`, subject.id);
      const about = unit.as({ ...unit.actor, subject });
      for (const { id, generation } of destroyed) {
        const { type, version } = subjectErased;
        const aggregate = { id: subject.id, version: generation };
        about.record('subject-key', aggregate, { type, version, payload: { keyId: id, generation } });
      }
      if (destroyed.length > 0) await raiseHead(unit.em, actor.organizationId, SUBJECT_KEYS_SCOPE);
      return erasureOf(subject, destroyed.length, newest);
    });
    await this.follower.look();
    return erasure;
  }
}

const erasureOf = (subject: Subject, destroyedKeys: number, { destroyed_at }: DestroyedKey): Erasure => ({
  subjectType: subject.type,
  subjectId: subject.id,
  destroyedKeys,
  erasedAt: new Date(destroyed_at).toISOString(),
});

const destroyKeys = ({ em, actor }: Unit, { type, id }: Subject): Promise<DestroyedKey[]> =>
  em.execute<DestroyedKey[]>(
    `update subject_keys set wrapped_key = null, destroyed_at = app_now()
     where organization_id = ? and subject_type = ? and subject_id = ? and destroyed_at is null
     returning id, generation, destroyed_at`,
    [actor.organizationId, type, id],
  );

const keysDestroyedBefore = ({ em, actor }: Unit, { type, id }: Subject): Promise<DestroyedKey[]> =>
  em.execute<DestroyedKey[]>(
    `select id, generation, destroyed_at from subject_keys
     where organization_id = ? and subject_type = ? and subject_id = ? order by generation desc limit 1`,
    [actor.organizationId, type, id],
  );
