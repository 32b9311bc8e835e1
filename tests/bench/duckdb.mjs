// duckdb.mjs FILE THREADS EDGE,...: the distinct nodes of each ts, component and
// bucket, as resin-bucket counts them, by DuckDB reading the same text.  The
// buckets are made cumulative here, which is nothing beside the query.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
const require = createRequire(process.env.DUCKDB_DIR + '/');
const at = pathToFileURL(require.resolve('@duckdb/node-api'));
const { DuckDBInstance } = (await import(at)).default ?? await import(at);
const [file, threads, list] = process.argv.slice(2);
const edges = list.split(',');
const level = edges.slice(1).map((e) => `(usage >= ${e})::INT`).join(' + ');
const db = await DuckDBInstance.create(':memory:', { threads });
const c = await db.connect();
const r = await c.runAndReadAll(`
  SELECT ts, component, level, count(*) FROM (
    SELECT ts, component, node, max(${level}) AS level
    FROM read_csv('${file}', header = true, auto_detect = false, quote = '',
      escape = '', delim = '\t', columns = {'ts': 'BIGINT',
      'cluster': 'VARCHAR', 'node': 'VARCHAR', 'component': 'VARCHAR',
      'pid': 'BIGINT', 'usage': 'BIGINT'})
    GROUP BY ts, component, node)
  GROUP BY ts, component, level`);
const groups = new Map();
for (const [ts, component, l, n] of r.getRows()) {
  const key = `${ts}\t${component}`;
  if (!groups.has(key)) groups.set(key, new Array(edges.length).fill(0));
  groups.get(key)[l] += Number(n);
}
const out = [];
for (const [key, counts] of groups) {
  for (let l = edges.length - 1, n = 0; l >= 0; l--)
    if ((n += counts[l]) > 0) out.push(`${key}\t${edges[l]}\t${n}\n`);
}
process.stdout.write(out.join(''));
