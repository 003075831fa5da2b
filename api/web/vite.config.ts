// Builds every page's scripts and styles into dist/, with a manifest that api/pages/assets.py reads.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The browser's own icon, and one SVG file with those named in src/icons.json, drawn with <use> and no script. */
function icons(): Plugin {
  return {
    name: "icons",
    apply: "build",
    buildStart() {
      this.addWatchFile(here("src/icons.json"));
    },
    generateBundle() {
      const names = JSON.parse(readFileSync(here("src/icons.json"), "utf8")) as string[];
      const symbols = names.map((name) => {
        const svg = readFileSync(here(`node_modules/@tabler/icons/icons/outline/${name}.svg`), "utf8");
        const body = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(svg)?.[1]?.replace(/\s+/g, " ").trim();
        if (!body) throw new Error(`src/icons.json: the icon ${name} has no drawing`);
        return `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`;
      });
      this.emitFile({
        type: "asset",
        name: "icons.svg",
        originalFileName: "src/icons.json",
        source: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`,
      });
      this.emitFile({
        type: "asset",
        name: "favicon.svg",
        originalFileName: "src/favicon.svg",
        source: readFileSync(here("src/favicon.svg"), "utf8"),
      });
    },
  };
}

/** Each file once more in brotli and gzip, so that a phone on a mountain loads a tenth, and no request compresses. */
function packed(): Plugin {
  return {
    name: "packed",
    apply: "build",
    writeBundle(options, bundle) {
      for (const name of Object.keys(bundle)) {
        if (!/^assets\/.*\.(js|css|svg)$/.test(name)) continue;
        const path = `${options.dir}/${name}`;
        const content = readFileSync(path);
        writeFileSync(`${path}.br`, brotliCompressSync(content));
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  base: "./", // found relative to the file that asks, under whatever prefix the application is served
  publicDir: false,
  logLevel: "warn", // no news is good news
  plugins: [icons(), packed()],
  build: {
    manifest: true,
    license: true, // the notices that the bundled packages' licences ask for
    sourcemap: false,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // a content security policy need not allow data: scripts or fonts
    chunkSizeWarningLimit: 2000, // the API documentation is one large page of its own
    rolldownOptions: {
      checks: { pluginTimings: false }, // packing takes its time, once
      input: { main: here("src/main.ts"), apidocs: here("src/apidocs.ts"), map: here("src/map.ts") },
    },
  },
});
