// The names of this app, for tests that run it. They must pass under any other name as well.
export { APP } from "../../../infra/app";
export { withPrefix } from "../../../infra/components/prefix";
