import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { permissions, rolePermissions, roles } from '../src/identity/access/permissions.js';

const readme = readFileSync('README.md', 'utf8');
const contributing = readFileSync('CONTRIBUTING.md', 'utf8');
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('`', ''));

describe('the documents', () => {
  it.each([
    ['README.md', readme],
    ['CONTRIBUTING.md', contributing],
  ])('%s names only npm scripts that exist', (_name, text) => {
    const named = [...text.matchAll(/npm (?:run )?([a-z][a-z:-]*)/g)].map(([, name]) => name!);
    const known = new Set([...Object.keys(scripts), 'ci']);
    expect(named.length).toBeGreaterThan(1);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it('README.md shows the roles with the permissions that they have', () => {
    const rows = readme.split('\n').filter((line) => /^\| (permission|`[a-z-]+:[a-z-]+`) \|/.test(line));
    const [head, ...table] = rows.map(cellsOf);
    expect(head).toEqual(['permission', ...roles]);
    expect(table).toEqual(
      permissions.map((permission) => [
        permission,
        ...roles.map((role) => ((rolePermissions[role] as readonly string[]).includes(permission) ? '✓' : '')),
      ]),
    );
  });

  it('README.md maps the folders of src', () => {
    const folders = ['kernel', 'platform', 'audit', 'identity', 'rules', 'workflows', 'crm', 'seed', 'demo', 'cli'];
    expect(folders.filter((folder) => !readme.includes(`  ${folder}/`))).toEqual([]);
  });
});
