import { useEffect, useErrorBoundary, useMemo, useRef, useState } from "preact/hooks";

import { type AppContext, AppProvider } from "./app-context";
import { createApi } from "./data/api";
import type { Config } from "./data/config";
import { followLinks, navigate, useRoute } from "./data/route";
import { CALLBACK } from "./data/session";
import { useComponent } from "./data/use-component";
import type { Page } from "./nouns/noun";
import { NOUNS } from "./nouns/nouns";
import { Callback } from "./pages/callback";
import { TokenDialog } from "./pages/token-dialog";
import { Account } from "./ui/account";
import { Icon } from "./ui/icon";
import { Empty } from "./ui/states";

const PAGES: Page[] = [
  { path: "/", title: "Traffic", icon: "traffic", load: () => import("./pages/traffic") },
  { path: "/access-log", title: "Access log", icon: "log", load: () => import("./pages/access-log") },
  ...NOUNS.flatMap(({ pages }) => pages),
  { path: "/try", title: "Try it", icon: "try", load: () => import("./pages/try-it") },
  {
    path: "/infrastructure",
    title: "Infrastructure",
    icon: "infrastructure",
    offlineOnly: true,
    load: () => import("./pages/infrastructure"),
  },
];

export function App({ config }: { config: Config }) {
  const { path } = useRoute();
  const [asking, setAsking] = useState(false);
  const pages = PAGES.filter(({ offlineOnly }) => config.offline || offlineOnly === undefined);
  const page = pages.find((known) => known.path === path);
  const app = useMemo<AppContext>(
    () => ({ config, api: createApi(config.apiUrl), askForToken: () => setAsking(true) }),
    [config],
  );
  const main = useRef<HTMLElement>(null);

  useEffect(() => {
    document.addEventListener("click", followLinks);
    return () => document.removeEventListener("click", followLinks);
  }, []);
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true }); // whoever does not see the page is told that it is another one
  }, [path]);
  useEffect(() => {
    document.title = `${page?.title ?? "Console"} · ${config.stage}`;
  }, [page, config]);

  return (
    <AppProvider value={app}>
      {/* biome-ignore lint/a11y/useValidAnchor: it is a link, and moves the focus as well */}
      <a class="skip" href="#main" onClick={() => main.current?.focus()}>
        Skip to the content
      </a>
      <aside class="side">
        <div class="brand">
          <span class="mark">
            <Icon name="traffic" />
          </span>
          <span>
            <strong>{config.app}</strong>
            <small>
              {config.stage} · {config.offline ? "offline" : config.region}
            </small>
          </span>
        </div>
        <nav aria-label="Pages">
          {pages.map(({ path: to, title, icon }) => (
            <a key={to} href={to} aria-current={to === path ? "page" : undefined}>
              <Icon name={icon} />
              <span>{title}</span>
            </a>
          ))}
        </nav>
        <Account />
      </aside>
      <main id="main" ref={main} tabIndex={-1}>
        {path === CALLBACK ? <Callback config={config} /> : page ? <Lazy key={page.path} page={page} /> : <Missing />}
      </main>
      {asking && <TokenDialog onClose={() => setAsking(false)} />}
    </AppProvider>
  );
}

/** A fault of a page's own is told, and the other pages stay. */
function Lazy({ page }: { page: Page }) {
  const [fault, reset] = useErrorBoundary((error: Error) => console.error(error));
  if (fault !== undefined)
    return (
      <>
        <header class="top">
          <h1>{page.title}</h1>
        </header>
        <Empty title="This page has failed">
          <p role="alert">{String((fault as Error).message ?? fault)}</p>
          <p class="actions">
            <button
              type="button"
              onClick={() => {
                navigate(page.path, { replace: true });
                reset();
              }}
            >
              Open it anew
            </button>
          </p>
        </Empty>
      </>
    );
  return <Loaded page={page} />;
}

function Loaded({ page }: { page: Page }) {
  const { Body, failed } = useComponent(page.load);
  if (Body !== undefined) return <Body />;
  return (
    <>
      <header class="top">
        <h1>{page.title}</h1>
      </header>
      {failed && (
        <Empty title="This page cannot be loaded">
          <p>The console has been deployed anew since it was opened, or nothing answers at its address.</p>
          <p class="actions">
            <button type="button" onClick={() => location.reload()}>
              Load it again
            </button>
          </p>
        </Empty>
      )}
    </>
  );
}

function Missing() {
  return (
    <>
      <header class="top">
        <h1>Not here</h1>
      </header>
      <Empty title="The console has no such page">
        <p class="actions">
          <a class="button" href="/">
            Traffic
          </a>
        </p>
      </Empty>
    </>
  );
}
