import { render } from "preact";

import { App } from "./app";
import { ConfigError, loadConfig } from "./data/config";
import { resume } from "./data/session";
import { Setup } from "./pages/setup";

const place = document.getElementById("app") as HTMLElement;

try {
  const config = await loadConfig();
  document.title = `${config.stage} console`;
  await resume(config);
  render(<App config={config} />, place);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  render(<Setup message={error.message} />, place);
}
