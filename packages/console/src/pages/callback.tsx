import { useEffect, useState } from "preact/hooks";

import type { Config } from "../data/config";
import { navigate } from "../data/route";
import { completeSignIn } from "../data/session";
import { Empty, Loading } from "../ui/states";

/** The page that the sign-in server redirects to. */
export function Callback({ config }: { config: Config }) {
  const [failed, setFailed] = useState<{ returnTo: string; problem: string }>();
  useEffect(() => {
    completeSignIn(config).then(
      ({ returnTo, problem }) => {
        if (problem === undefined) navigate(returnTo, { replace: true });
        else setFailed({ returnTo, problem });
      },
      (error: Error) => setFailed({ returnTo: "/", problem: error.message }),
    );
  }, [config]);
  return (
    <>
      <header class="top">
        <h1>Sign in</h1>
      </header>
      {failed === undefined ? (
        <Loading title="Signing in…" />
      ) : (
        <Empty title="Sign-in failed">
          <p role="alert">{failed.problem}</p>
          <p class="actions">
            <a class="button" href={failed.returnTo}>
              Go back
            </a>
          </p>
        </Empty>
      )}
    </>
  );
}
