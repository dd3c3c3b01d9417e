/**
 * The path within the stage: what is left of a path whose first segment is the stage's name. `undefined` where no stage
 * takes the request; API Gateway answers 404 then, and logs nothing.
 */
export function pathInStage(stage: string, path: string): string | undefined {
  if (stage === "$default") return path;
  const prefix = `/${stage}`;
  if (path === prefix) return "/";
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : undefined;
}
