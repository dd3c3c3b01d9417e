/** Permissions of a function, and the environment variable with the resource's name or URL. */
export interface Grant {
  variable: string;
  value: $util.Input<string>;
  permissions: { actions: [string, ...string[]]; resources: $util.Input<$util.Input<string>[]> }[];
  /** The table that the permissions are for. */
  table?: { name: string; tableName: $util.Output<string> };
}
