import { UsageError } from "@secure-backend/graph/usage-error";

/**
 * The value of `--stage`, which becomes part of paths.
 *
 * @throws UsageError for anything but letters, digits and hyphens
 */
export function checkStage(stage: string): string {
  if (/^[A-Za-z0-9-]{1,128}$/.test(stage)) return stage;
  throw new UsageError(`--stage ${stage}: expected letters, digits and hyphens`);
}
