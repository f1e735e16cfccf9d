import { conflict, stale } from '../../kernel/domain-error.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import type { JsonObject } from '../../kernel/json.js';
import { mutable } from '../../platform/database/mapping.js';
import type { WorkflowDraft } from '../engine/definition.js';

/** What a save says: the definition, and whether new executions may start. */
export interface AuthoredWorkflow {
  readonly isEnabled: boolean;
  readonly definition: WorkflowDraft;
}

interface Author {
  readonly userId: string;
  readonly now: Date;
}

/** A workflow with its newest definition. Each save makes a version; executions finish on the one they began with. */
export class Workflow {
  readonly id!: string;
  readonly organizationId!: string;
  /** Counts every change of state; guards against two writers at once. */
  readonly version!: number;
  /** Number of the newest definition, from 1. */
  readonly definitionVersion!: number;
  readonly definition!: WorkflowDraft;
  /** Whether new executions may start; running ones go on. */
  readonly isEnabled!: boolean;
  readonly createdAt!: Date;
  readonly createdBy!: string;
  readonly updatedAt!: Date;
  readonly updatedBy!: string;
  readonly archivedAt!: Date | null;

  private constructor() {}

  /** A new workflow with definition version 1. */
  static create(
    place: { id: string; organizationId: string },
    authored: AuthoredWorkflow,
    { userId, now }: Author,
  ): { workflow: Workflow; events: DomainEvent[] } {
    const workflow = new Workflow();
    Object.assign(mutable(workflow), {
      ...place,
      ...authored,
      definitionVersion: 1,
      createdAt: now,
      createdBy: userId,
      updatedAt: now,
      updatedBy: userId,
      archivedAt: null,
    });
    return { workflow, events: [workflow.event('created', workflow.saved())] };
  }

  /** Saves a new version. @throws stale when `expectedVersion` is not the newest, conflict `workflow-archived` */
  revise(authored: AuthoredWorkflow, { userId, now }: Author, expectedVersion: number | undefined): DomainEvent[] {
    this.expectPresent();
    this.expectNewest(expectedVersion);
    Object.assign(mutable<Workflow>(this), {
      ...authored,
      definitionVersion: this.definitionVersion + 1,
      updatedAt: now,
      updatedBy: userId,
    });
    return [this.event('revised', this.saved())];
  }

  /** Takes the workflow out of the lists; nothing new starts, running executions go on. @throws stale, conflict */
  archive(now: Date, expectedVersion: number | undefined): DomainEvent[] {
    this.expectPresent();
    this.expectNewest(expectedVersion);
    mutable<Workflow>(this).archivedAt = now;
    return [this.event('archived', { name: this.definition.name })];
  }

  /** @throws conflict `workflow-archived` or `workflow-disabled` */
  expectStartable(): void {
    this.expectPresent();
    if (this.isEnabled) return;
    throw conflict('workflow-disabled', `The workflow "${this.definition.name}" is disabled; enable it first.`);
  }

  private event(type: string, payload: JsonObject): DomainEvent {
    return { type: `workflows.workflow-${type}`, version: 1, payload };
  }

  private saved(): JsonObject {
    return {
      version: this.definitionVersion,
      isEnabled: this.isEnabled,
      definition: this.definition as unknown as JsonObject,
    };
  }

  private expectPresent(): void {
    if (this.archivedAt === null) return;
    throw conflict('workflow-archived', 'The workflow is archived; create a new one instead.');
  }

  private expectNewest(expectedVersion: number | undefined): void {
    if (expectedVersion === undefined || expectedVersion === this.definitionVersion) return;
    throw stale(
      `The workflow is at version ${this.definitionVersion}, not ${expectedVersion}; read it again and repeat your change.`,
      { currentVersion: this.definitionVersion },
    );
  }
}
