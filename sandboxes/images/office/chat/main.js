// The web client: Hydrogen's own views, at home on the office's server.
import {
  Platform, createNavigation, createRouter, RootViewModel, RootView, FeatureSet,
} from "hydrogen-view-sdk";

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
  const model = new RootViewModel({ platform, urlRouter, navigation, features });
  await model.load();
  container.appendChild(new RootView(model).mount());
}

main();
