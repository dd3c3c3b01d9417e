// The names of this app, for tests that run it. The tests must also pass with other names.
export { APP } from "../../../infra/app";
export { withPrefix } from "../../../infra/components/prefix";
