// The web client: Hydrogen's own views, at home on the office's server.
import {
  Platform, createNavigation, createRouter, RootViewModel, RootView, FeatureSet, GapTile,
  tileClassForEntry as usualTile,
} from "hydrogen-view-sdk";

// What was said earlier comes by itself, not only when somebody scrolls up.
class Earlier extends GapTile {
  constructor(entry, options) {
    super(entry, options);
    setTimeout(() => this.load());
  }
  async load() {
    while (!this.isDisposed && await this.fill());
  }
  get status() {
    return this._entry.edgeReached ? "This is the beginning" : "Loading earlier messages";
  }
}

// How a room came about is no news: who was invited, who joined, its first name.
function tileClassForEntry(entry, options) {
  if (entry.isGap) return Earlier;
  const came = ["invite", "join"].includes(entry.content?.membership);
  if (entry.eventType === "m.room.member" && came) return undefined;
  if (entry.eventType === "m.room.name" && !entry.prevContent) return undefined;
  return usualTile(entry, options);
}

async function main() {
  const container = document.querySelector("#app");
  const assetPaths = {
    downloadSandbox: "assets/download-sandbox.html",
    worker: "assets/main.js",
    serviceWorker: "sw.js",
    olm: { wasm: "olm/olm.wasm", legacyBundle: "olm/olm_legacy.js", wasmBundle: "olm/olm.js" },
  };
  const config = { defaultHomeServer: location.origin };
  const platform = new Platform({ container, assetPaths, config, options: { development: false } });
  await platform.init();
  const navigation = createNavigation();
  platform.setNavigation(navigation);
  const urlRouter = createRouter({ navigation, history: platform.history });
  urlRouter.attach();
  const features = await FeatureSet.load(platform.settingsStorage);
  const model = new RootViewModel({ platform, urlRouter, navigation, features, tileClassForEntry });
  await model.load();
  container.appendChild(new RootView(model).mount());
}

main();
