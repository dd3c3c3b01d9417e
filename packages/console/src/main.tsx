import { render } from "preact";

import { App } from "./app";
import { ConfigError, loadConfig } from "./data/config";
import { repairNavigatorLanguage } from "./data/locale";
import { resume } from "./data/session";
import { Setup } from "./pages/setup";

const root = document.getElementById("app") as HTMLElement;

repairNavigatorLanguage(); // uPlot formats dates as soon as a page with charts loads it
try {
  const config = await loadConfig();
  document.title = `${config.stage} console`;
  const resuming = resume(config);
  root.replaceChildren();
  render(<App config={config} />, root);
  await resuming;
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  root.replaceChildren();
  render(<Setup message={error.message} />, root);
}
