import { Body, Controller, Get, Header, HttpCode, Post, Req } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { JWK } from 'jose';
import { conflict, malformed } from '../../kernel/domain-error.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiMessage, ApiProblems } from '../../platform/http/api-answers.js';
import { Bare, CurrentActor, Public, RequirePermission } from '../../platform/http/decorators.js';
import { Message } from '../../platform/http/envelope.js';
import { RateLimits } from '../../platform/http/rate-limits.js';
import { trailOf } from '../../platform/http/request-headers.js';
import { ACCESS_TOKEN_SECONDS, AccessTokens } from '../access/access-tokens.js';
import { type Accepted, AcceptInvitation } from '../users/commands/accept-invitation.js';
import { AcceptedView, AcceptInvitationBody, LoginBody, MeView, RefreshBody, TokenView } from './auth.dto.js';
import { RefreshSession } from './commands/refresh-session.js';
import { RevokeSession } from './commands/revoke-session.js';
import { type SignedIn, SignIn } from './commands/sign-in.js';

@ApiTags('Sign-in')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly commands: CommandBus,
    private readonly rateLimits: RateLimits,
    private readonly tokens: AccessTokens,
  ) {}

  @Post('login')
  @Public()
  @Bare()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Sign in with e-mail and password' })
  @ApiOkResponse({ description: 'Signed in.', type: TokenView })
  @ApiProblems(401, 409, 429)
  async login(@Body() body: LoginBody, @Req() request: FastifyRequest): Promise<TokenView> {
    await this.rateLimits.consume('login', request.ip);
    const input = { ...body, address: request.ip, userAgent: request.headers['user-agent'] };
    return this.answer(await this.commands.execute(new SignIn(trailOf(request), input)));
  }

  @Post('refresh')
  @Public()
  @Bare()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Exchange a refresh token for new tokens; using one twice ends the session' })
  @ApiOkResponse({ description: 'New tokens.', type: TokenView })
  @ApiProblems(401)
  async refresh(@Body() body: RefreshBody, @Req() request: FastifyRequest): Promise<TokenView> {
    const [token, ...others] = [body.refreshToken, body.refresh_token].filter((given) => given !== undefined);
    if (token === undefined || others.length > 0) {
      throw malformed('invalid-body', 'Send the refresh token once, as refreshToken or refresh_token.');
    }
    return this.answer(await this.commands.execute(new RefreshSession(trailOf(request), token)));
  }

  @Post('logout')
  @RequirePermission('sessions:write')
  @HttpCode(200)
  @ApiOperation({ summary: 'End the session of this request' })
  @ApiMessage()
  @ApiProblems(409)
  async logout(@CurrentActor() actor: Actor): Promise<Message> {
    if (!actor.sessionId) throw conflict('no-session', 'An API key has no session; revoke the key instead.');
    await this.commands.execute(new RevokeSession(actor, actor.sessionId, 'signed-out'));
    return new Message('You are signed out.');
  }

  @Get('me')
  @RequirePermission('sessions:read')
  @ApiOperation({ summary: 'Tell who you are and what you may do' })
  @ApiData(MeView)
  me(@CurrentActor() { type, id, organizationId, roles, permissions }: Actor): MeView {
    return { type, id, organizationId, roles, permissions: [...permissions].sort() };
  }

  @Get('jwks')
  @Public()
  @Bare()
  @Header('Cache-Control', 'public, max-age=300')
  @ApiOperation({ summary: 'Get the public keys of the access tokens (RFC 7517)' })
  @ApiOkResponse({ description: 'A JSON Web Key Set.', schema: { type: 'object', additionalProperties: true } })
  keys(): Promise<{ keys: JWK[] }> {
    return this.tokens.keySet();
  }

  @Post('invitations/accept')
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'Take an invitation' })
  @ApiData(AcceptedView)
  @ApiProblems(401, 409, 429)
  async accept(@Body() body: AcceptInvitationBody, @Req() request: FastifyRequest): Promise<Accepted> {
    await this.rateLimits.consume('login', request.ip);
    return this.commands.execute(new AcceptInvitation(trailOf(request), body));
  }

  private async answer(signedIn: SignedIn): Promise<TokenView> {
    return {
      access_token: await this.tokens.sign(signedIn),
      token_type: 'Bearer',
      expires_in: ACCESS_TOKEN_SECONDS,
      refresh_token: signedIn.refreshToken,
    };
  }
}
