const FOLDERS = ['/test/crash/', '/test/e2e/', '/test/integration/', '/test/'];

const rankOf = ({ path }) => {
  const rank = FOLDERS.findIndex((folder) => path.includes(folder));
  return rank < 0 ? FOLDERS.length : rank;
};

/** The order of suites: those with real processes first, because one that began last would be waited for alone. */
export default class LongestFirst {
  sort(tests) {
    return [...tests].sort((a, b) => rankOf(a) - rankOf(b) || a.path.localeCompare(b.path));
  }

  shard(tests) {
    return tests;
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
}
