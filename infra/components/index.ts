export { consoleSite } from "./console-site";
export { httpApi } from "./http-api";
export { backgroundFunction, secureFunction } from "./secure-function";
export { secureTable } from "./secure-table";
export { rollUpTraffic } from "./traffic";
export { users } from "./users";
