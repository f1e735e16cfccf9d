import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, RequirePermission } from '../../platform/http/decorators.js';
import { EraseSubject } from './commands/erase-subject.js';
import { ErasureAnswer, ErasureParameters } from './erasure.dto.js';

@ApiTags('Audit')
@Controller('audit/subjects')
export class ErasureController {
  constructor(private readonly commands: CommandBus) {}

  @Post(':subjectType/:subjectId/erase')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Erases what the trail holds about a subject in sealed form, for ever',
    description:
      'Its key is destroyed: sensitive and personal values recorded so far read `erased` from then on, and the trail still verifies. Decisions taken later are sealed with a new key. Again, it does nothing and says when it was done.',
  })
  @RequirePermission('audit:erase')
  @ApiData(ErasureAnswer)
  @ApiProblems(404)
  erase(@CurrentActor() actor: Actor, @Param() { subjectType, subjectId }: ErasureParameters): Promise<ErasureAnswer> {
    return this.commands.execute(new EraseSubject(actor, { type: subjectType, id: subjectId }));
  }
}
