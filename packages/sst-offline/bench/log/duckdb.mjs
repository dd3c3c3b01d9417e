// Computes the same figures with DuckDB: `node duckdb.mjs FILE THREADS FOLDER`, where FOLDER has
// @duckdb/node-api installed.
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";

const [, , log = "", threads = "2", folder = ""] = process.argv;
const { DuckDBInstance } = createRequire(path.resolve(folder, "package.json"))("@duckdb/node-api");
const database = await DuckDBInstance.create(":memory:", { threads });
const connection = await database.connect();
const columns = [
  "requestTimeEpoch:'BIGINT',status:'INTEGER',responseLatency:'INTEGER',responseLength:'BIGINT',routeKey:'VARCHAR'",
  "sourceIp:'VARCHAR',userAgent:'VARCHAR',\"user\":'VARCHAR',client:'VARCHAR'",
  "errorMessage:'VARCHAR',authorizerError:'VARCHAR'",
].join(",");
await connection.run(`create temp table t as
  select requestTimeEpoch, status, responseLatency, responseLength, routeKey, userAgent,
    coalesce(nullif("user", '-'), nullif(client, '-'), sourceIp) caller,
    case when status in (401, 403, 429) then coalesce(nullif(authorizerError, '-'), errorMessage) end reason
  from read_json('${log}', format='newline_delimited', columns={${columns}})`);
const percentiles = "quantile_disc(responseLatency, [0.5, 0.95, 0.99]), max(responseLatency)";
const rows = [];
for (const query of [
  `select count(*), min(requestTimeEpoch), max(requestTimeEpoch), sum(responseLength), ${percentiles} from t`,
  "select routeKey, status // 100, count(*) from t group by all",
  `select routeKey, ${percentiles} from t group by all`,
  "select caller, count(*) n, count(*) filter (status >= 400) from t group by all order by n desc limit 20",
  "select userAgent, count(*) n from t group by all order by n desc limit 20",
  "select status, reason, count(*) n from t where reason is not null group by all order by n desc limit 20",
  "select requestTimeEpoch // 3600000 h, status // 100, count(*) from t group by all",
  "select requestTimeEpoch // 3600000 h, quantile_disc(responseLatency, 0.95) from t group by all",
]) {
  rows.push((await connection.runAndReadAll(query)).getRows());
}
console.log(String(rows[0]?.[0]?.[0]));
console.error(process.resourceUsage().maxRSS);
