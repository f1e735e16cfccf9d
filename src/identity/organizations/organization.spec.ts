import { describe, expect, it } from '@jest/globals';
import { slugOf } from './organization.js';

describe('the slug of a name', () => {
  it.each([
    ['Harbour Kitchens', 'harbour-kitchens'],
    ['  Café Größe & Söhne!  ', 'cafe-gro-e-sohne'],
    ['---', ''],
    [`${'a'.repeat(62)} b`, 'a'.repeat(62)],
  ])('of %j is %j', (name, slug) => expect(slugOf(name)).toBe(slug));
});
