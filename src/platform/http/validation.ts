import { Readable } from 'node:stream';
import { type ArgumentMetadata, Injectable, type PipeTransform, type Type } from '@nestjs/common';
import { validateSync, type ValidationError } from 'class-validator';
import { isObject } from '../../kernel/json.js';
import { aliasesOf, underOwnNames } from './aliases.js';
import { type FieldShape, shapeOf } from './field-shape.js';
import { invalidInput, type InputFault, type InputPlace } from './invalid-input.js';

/**
 * Fills input classes from bodies, queries and paths, and checks them. Unknown members are refused. Values of bodies
 * are taken as they are; those of queries and paths, which are all text, are read as what their field says.
 */
@Injectable()
export class InputPipe implements PipeTransform {
  /** @throws malformed `invalid-body`, `invalid-query` or `invalid-path` with one violation for each fault */
  transform(value: unknown, { type: place, metatype }: ArgumentMetadata): unknown {
    if (place === 'custom' || value instanceof Readable) return value;
    if (metatype === Number || metatype === Boolean) {
      throw new Error(
        `A ${place} that is no text needs a class with declared fields, because it is read through them.`,
      );
    }
    if (!metatype || passedThrough.has(metatype)) return value;
    const faults: InputFault[] = [];
    const input = fill(metatype as Type<object>, isObject(value) ? value : {}, {
      place: place,
      faults,
      path: [],
    });
    collect(validateSync(input, options), [], faults);
    if (faults.length > 0) throw invalidInput(place, faults);
    return input;
  }
}

const passedThrough = new Set<unknown>([String, Object, Array]);

const options = {
  forbidUnknownValues: false,
  stopAtFirstError: true,
  validationError: { target: false, value: false },
};

interface Filling {
  readonly place: InputPlace;
  readonly faults: InputFault[];
  readonly path: readonly string[];
}

/** An instance with the members of `source`. A `Map` holds the fields, so `toString` and its like are as unknown as any. */
function fill(type: Type<object>, source: Record<string, unknown>, filling: Filling): object {
  const instance = new type() as Record<string, unknown>;
  const shape = shapeOf(type);
  const { named, faults } = underOwnNames(source, aliasesOf(type) ?? {});
  filling.faults.push(...faults.map(({ path, message }) => ({ path: [...filling.path, ...path], message })));
  for (const key of Object.keys(named)) {
    const field = shape.get(key);
    const path = [...filling.path, key];
    if (field) instance[key] = valueOf(named[key], field, { ...filling, path });
    else filling.faults.push({ path, message: `${key} is not known here` });
  }
  for (const [name, { fallback }] of shape) {
    if (instance[name] === undefined && fallback !== undefined) instance[name] = fallback;
  }
  return instance;
}

function valueOf(value: unknown, field: FieldShape, filling: Filling): unknown {
  if (field.kind === 'nested') return nestedValue(value, field.type!(), filling);
  if (filling.place === 'body') return value;
  if (field.kind !== 'list') return read(value, field.kind);
  return (Array.isArray(value) ? value : [value]).map((item) => read(item, field.items));
}

function nestedValue(value: unknown, type: Type<object>, filling: Filling): unknown {
  if (isObject(value)) return fill(type, value, filling);
  if (!Array.isArray(value)) return value;
  return value.map((item: unknown, index) =>
    isObject(item) ? fill(type, item, { ...filling, path: [...filling.path, String(index)] }) : item,
  );
}

/** A parameter's text as what its field says; what cannot be read stays text, for the check to refuse. */
function read(value: unknown, kind: FieldShape['kind'] | undefined): unknown {
  if (typeof value !== 'string') return value;
  if (kind === 'boolean') return value === 'true' ? true : value === 'false' ? false : value;
  const isNumeric = (kind === 'integer' || kind === 'number') && /^-?\d+(\.\d+)?$/.test(value);
  return isNumeric ? Number(value) : value;
}

function collect(errors: readonly ValidationError[], path: readonly string[], faults: InputFault[]): void {
  for (const error of errors) {
    const here = [...path, error.property];
    for (const message of Object.values(error.constraints ?? {})) faults.push({ path: here, message });
    collect(error.children ?? [], here, faults);
  }
}
