import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { EventTypes, UnitOfWork } from '../audit/audit.contract.js';
import { ChangeFollower } from '../platform/cache/change-follower.js';
import { CONFIGURATION } from '../platform/config/config.module.js';
import { keptKey } from '../platform/config/kept-key.js';
import type { Configuration } from '../platform/config/configuration.js';
import { Database } from '../platform/database/database.js';
import { Sql } from '../platform/database/sql.js';
import { Logger } from '../platform/logging/logger.js';
import { AccessGuard } from './access/access.guard.js';
import { AccessStates } from './access/access-states.js';
import { AccessTokens } from './access/access-tokens.js';
import { Authenticator } from './access/authenticator.js';
import { OperatorLogin } from './access/operator-login.js';
import { Refusals } from './access/refusals.js';
import { ApiKeySchema } from './api-keys/api-key.schema.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { CreateApiKeyHandler } from './api-keys/commands/create-api-key.js';
import { CreateOpsKeyHandler } from './api-keys/commands/create-ops-key.js';
import { RevokeApiKeyHandler } from './api-keys/commands/revoke-api-key.js';
import { GetApiKeyHandler } from './api-keys/queries/get-api-key.js';
import { ListApiKeysHandler } from './api-keys/queries/list-api-keys.js';
import { identityEventTypes } from './identity.events.js';
import { CreateOrganizationHandler } from './organizations/commands/create-organization.js';
import { RenameOrganizationHandler } from './organizations/commands/rename-organization.js';
import { SeedOrganizationHandler } from './organizations/commands/seed-organization.js';
import { OrganizationSchema } from './organizations/organization.schema.js';
import { OrganizationsController } from './organizations/organizations.controller.js';
import { FindOrganizationHandler } from './organizations/queries/find-organization.js';
import { GetOrganizationHandler } from './organizations/queries/get-organization.js';
import { AuthController } from './sessions/auth.controller.js';
import { RefreshSessionHandler } from './sessions/commands/refresh-session.js';
import { RevokeSessionHandler } from './sessions/commands/revoke-session.js';
import { SignInHandler } from './sessions/commands/sign-in.js';
import { LockOut } from './sessions/lock-out.js';
import { ListSessionsHandler } from './sessions/queries/list-sessions.js';
import { SessionSchema } from './sessions/session.schema.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { AcceptInvitationHandler } from './users/commands/accept-invitation.js';
import { ChangeRolesHandler } from './users/commands/change-roles.js';
import { DeactivateUserHandler } from './users/commands/deactivate-user.js';
import { InviteUserHandler } from './users/commands/invite-user.js';
import { ReactivateUserHandler } from './users/commands/reactivate-user.js';
import { InvitationSchema } from './users/invitation.schema.js';
import { MemberSchema } from './users/member.schema.js';
import { GetUserHandler } from './users/queries/get-user.js';
import { ListUsersHandler } from './users/queries/list-users.js';
import { RolesController } from './users/roles.controller.js';
import { UsersController } from './users/users.controller.js';

const handlers = [
  AcceptInvitationHandler,
  ChangeRolesHandler,
  CreateApiKeyHandler,
  CreateOpsKeyHandler,
  CreateOrganizationHandler,
  DeactivateUserHandler,
  FindOrganizationHandler,
  GetApiKeyHandler,
  GetOrganizationHandler,
  GetUserHandler,
  InviteUserHandler,
  ListApiKeysHandler,
  ListSessionsHandler,
  ListUsersHandler,
  ReactivateUserHandler,
  RefreshSessionHandler,
  RenameOrganizationHandler,
  RevokeApiKeyHandler,
  RevokeSessionHandler,
  SeedOrganizationHandler,
  SignInHandler,
];

/** Who may do what. Registers the one guard of the application. */
@Module({
  imports: [
    MikroOrmModule.forFeature([ApiKeySchema, InvitationSchema, MemberSchema, OrganizationSchema, SessionSchema]),
  ],
  controllers: [
    ApiKeysController,
    AuthController,
    OrganizationsController,
    RolesController,
    SessionsController,
    UsersController,
  ],
  providers: [
    ...handlers,
    {
      provide: AccessTokens,
      inject: [CONFIGURATION],
      useFactory: async ({ JWT_PRIVATE_KEY, DATA_FOLDER }: Configuration) =>
        new AccessTokens(JWT_PRIVATE_KEY ?? (await keptKey(DATA_FOLDER, 'jwt-private-key.pem'))),
    },
    {
      provide: AccessStates,
      inject: [Sql, ChangeFollower],
      useFactory: (sql: Sql, follower: ChangeFollower) => new AccessStates(sql, follower),
    },
    {
      provide: Authenticator,
      inject: [AccessTokens, AccessStates],
      useFactory: (tokens: AccessTokens, states: AccessStates) => new Authenticator(tokens, states),
    },
    {
      provide: Refusals,
      inject: [UnitOfWork, Logger],
      useFactory: (unitOfWork: UnitOfWork, logger: Logger) => new Refusals(unitOfWork, logger),
    },
    { provide: LockOut, inject: [Database], useFactory: (database: Database) => new LockOut(database) },
    OperatorLogin,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [Authenticator, OperatorLogin],
})
export class IdentityModule implements OnModuleInit {
  constructor(private readonly eventTypes: EventTypes) {}

  onModuleInit(): void {
    this.eventTypes.register(identityEventTypes);
  }
}
