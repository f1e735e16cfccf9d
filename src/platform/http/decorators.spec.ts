import { describe, expect, it } from '@jest/globals';
import { accessOf, Public, RequirePermission } from './decorators.js';

@RequirePermission('leads:read')
class ClosedController {
  @RequirePermission('leads:write')
  change(): void {}

  @Public()
  open(): void {}

  plain(): void {}
}

@Public()
class OpenController {
  @RequirePermission('leads:read')
  closed(): void {}

  plain(): void {}
}

class SilentController {
  plain(): void {}
}

describe('who may call a route', () => {
  it.each([
    [ClosedController, 'change', { isPublic: false, permission: 'leads:write' }],
    [ClosedController, 'open', { isPublic: true }],
    [ClosedController, 'plain', { isPublic: false, permission: 'leads:read' }],
    [OpenController, 'closed', { isPublic: false, permission: 'leads:read' }],
    [OpenController, 'plain', { isPublic: true }],
    [SilentController, 'plain', { isPublic: false }],
  ])('is told by the method before the class: %p %s', (controller, name, access) => {
    const handler = (controller.prototype as unknown as Record<string, () => void>)[name]!;
    expect(accessOf(handler, controller)).toEqual(access);
  });
});
