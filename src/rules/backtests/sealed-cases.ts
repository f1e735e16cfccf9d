import { Injectable } from '@nestjs/common';
import { SealedValues } from '../decisions/sealed-values.js';
import type { RecordedCase, RevealedCases } from './backtest-process.messages.js';

/** Opens recorded decisions for a back-test, whose process has no keys. */
@Injectable()
export class SealedCases {
  constructor(private readonly sealedValues: SealedValues) {}

  /** @throws conflict `sealed-values-unreadable` when one cannot be opened though its key was not destroyed */
  async reveal(organizationId: string, cases: readonly RecordedCase[]): Promise<RevealedCases> {
    const revealed = await this.sealedValues.reveal(organizationId, cases);
    const opened = revealed.filter(({ isErased }) => !isErased);
    return { cases: opened.map(({ execution }) => execution), erased: revealed.length - opened.length };
  }
}
