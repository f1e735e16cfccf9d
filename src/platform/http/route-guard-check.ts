import { Injectable, type OnModuleInit, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { accessOf } from './decorators.js';

/** Lets the application start only when every route says who may call it, so that none is open by oversight. */
@Injectable()
export class RouteGuardCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** @throws Error naming the routes that say nothing */
  onModuleInit(): void {
    const silent = this.discovery
      .getControllers()
      .flatMap(({ metatype }) => (typeof metatype === 'function' ? this.silentRoutes(metatype) : []));
    if (silent.length === 0) return;
    throw new Error(`These routes need @RequirePermission(…) or @Public(): ${silent.join(', ')}.`);
  }

  private silentRoutes(
    controller: NonNullable<unknown> & { readonly name: string; readonly prototype?: unknown },
  ): string[] {
    const prototype = controller.prototype as Record<string, NonNullable<unknown>>;
    return this.scanner
      .getAllMethodNames(prototype)
      .filter((name) => Reflect.hasMetadata(PATH_METADATA, prototype[name]!))
      .filter((name) => {
        const { isPublic, permission } = accessOf(prototype[name]!, controller);
        return !isPublic && permission === undefined;
      })
      .map((name) => {
        const method = Reflect.getMetadata(METHOD_METADATA, prototype[name]!) as RequestMethod;
        return `${RequestMethod[method]} ${controller.name}.${name}`;
      });
  }
}
