import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { invalid } from '../../../kernel/domain-error.js';
import type { Actor } from '../../../platform/http/actor.js';
import { type RevisionOptions, RuleAuthoring, ruleForUpdate } from '../rule-authoring.js';
import { savedDefinition } from '../rule-versions.js';
import type { RuleView } from '../rule-view.js';

/** Saves an earlier definition of a rule again, as its newest version. */
export class RollBackRule extends Command<RuleView> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
    /** The version to go back to. */
    readonly version: number,
    readonly options: Omit<RevisionOptions, 'restores'>,
  ) {
    super();
  }
}

@CommandHandler(RollBackRule)
export class RollBackRuleHandler implements ICommandHandler<RollBackRule> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly authoring: RuleAuthoring,
  ) {}

  /** @throws not-found, stale, invalid `unknown-version`, or `invalid-rule` when the entry point takes it no longer */
  async execute({ actor, id, version, options }: RollBackRule): Promise<RuleView> {
    if (options.isPublished) this.authoring.assertMayPublish(actor);
    const view = await this.unitOfWork.run(actor, async (unit) => {
      const rule = await ruleForUpdate(unit.em, id);
      const definition = await savedDefinition(unit.em, rule, version);
      if (!definition) throw unknownVersion(version, rule.definitionVersion);
      await this.authoring.revise(unit, rule, definition, { ...options, restores: version });
      return this.authoring.answer(unit, rule, options.isPublished);
    });
    if (options.isPublished) await this.authoring.isInForceHere();
    return view;
  }
}

const unknownVersion = (version: number, newest: number) =>
  invalid('unknown-version', `The rule has no version ${version}; its newest is ${newest}.`, {
    violations: [{ pointer: '#/version', message: `must be from 1 to ${newest}` }],
  });
