import { Injectable } from '@nestjs/common';
import { DomainError } from '../../kernel/domain-error.js';
import type { Actor } from '../../platform/http/actor.js';
import { EntryPoints, type PreparedEntryPoint } from '../entry-points/entry-points.js';
import { hiddenPaths } from './hidden-paths.js';

/** What readers of recorded decisions may see. */
@Injectable()
export class Readers {
  constructor(private readonly entryPoints: EntryPoints) {}

  /** The entry point of a recorded decision, undefined when it is gone. */
  async entryPointOf(organizationId: string, name: string): Promise<PreparedEntryPoint | undefined> {
    try {
      return await this.entryPoints.get(organizationId, name);
    } catch (error) {
      if (error instanceof DomainError && error.kind === 'not-found') return undefined;
      throw error;
    }
  }

  /** Of an entry point that is gone nobody knows what was sensitive: all is hidden but for those who may see it. */
  async hiddenPaths(actor: Actor, entryPoint: string): Promise<(path: string) => boolean> {
    const found = await this.entryPointOf(actor.organizationId, entryPoint);
    if (found) return hiddenPaths(actor, found);
    const isAllowed = actor.permissions.has('audit:read-sensitive');
    return () => !isAllowed;
  }
}
