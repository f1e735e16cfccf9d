import type { Type } from '@nestjs/common';
import { Allow, getMetadataStorage } from 'class-validator';

/** How one field of an input class is filled. */
export interface FieldShape {
  /** `integer`, `number` and `boolean` are read from text in queries and paths, and there alone. */
  readonly kind: 'text' | 'integer' | 'number' | 'boolean' | 'json' | 'nested' | 'list';
  /** Class of a nested object, or of each in a list of them. */
  readonly type?: () => Type<object>;
  /** Kind of each item of a list. */
  readonly items?: 'text' | 'integer' | 'number';
  /** Taken when the field is absent. */
  readonly fallback?: unknown;
}

/**
 * Declares a property as a field. The shape is kept in the validator's own metadata, so that `PartialType`,
 * `PickType` and inheritance carry it along.
 */
export const FieldOf = (shape: FieldShape): PropertyDecorator => Allow({ context: shape });

const shapes = new WeakMap<Type<object>, ReadonlyMap<string, FieldShape>>();

/** The fields of an input class by name. Properties that carry a validator and no declaration count as text. */
export function shapeOf(type: Type<object>): ReadonlyMap<string, FieldShape> {
  const known = shapes.get(type);
  if (known) return known;
  const shape = new Map<string, FieldShape>();
  for (const { propertyName, context } of getMetadataStorage().getTargetValidationMetadatas(type, '', false, false)) {
    const declared = context as FieldShape | undefined;
    if (declared || !shape.has(propertyName)) shape.set(propertyName, declared ?? { kind: 'text' });
  }
  shapes.set(type, shape);
  return shape;
}
