// Downloads the vendored files and rewrites their table in README.md. To update, change the versions and run
// `node refresh.mjs`.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const versions = { graphiql: "4.1.2", react: "18.3.1", "react-dom": "18.3.1" };
const files = {
  "graphiql.min.js": "graphiql/graphiql.min.js",
  "graphiql.min.css": "graphiql/graphiql.min.css",
  "react.production.min.js": "react/umd/react.production.min.js",
  "react-dom.production.min.js": "react-dom/umd/react-dom.production.min.js",
};

process.chdir(import.meta.dirname);
const folder = mkdtempSync(join(tmpdir(), "explorer-"));
const modules = join(folder, "node_modules");
const install = (packages) => {
  const options = ["--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund", "--prefix", folder];
  execFileSync("npm", ["install", ...options, ...packages], { stdio: "inherit" });
};
install(Object.entries(versions).map(([name, version]) => `${name}@${version}`));

const rows = Object.entries(files).map(([name, path]) => {
  let content = readFileSync(join(modules, path), "utf8");
  // The fonts are 90 % of the file.
  if (name.endsWith(".css")) content = content.replace(/@font-face\s*\{[^}]*\}\s*/g, "");
  writeFileSync(join("vendor", `${name}.gz`), gzipSync(content, { level: 9 }));
  const source = path.split("/")[0];
  const hash = createHash("sha256").update(content).digest("hex");
  return `| \`${name}.gz\` | ${source} ${versions[source]} | MIT | \`${hash}\` |`;
});
const readme = readFileSync("README.md", "utf8");
writeFileSync("README.md", readme.replace(/(\| --- .*\n)(\|.*\n)+/, (_, head) => `${head}${rows.join("\n")}\n`));

// The licences of everything that the bundle of GraphiQL contains, by its source map.
const { sources } = JSON.parse(readFileSync(join(modules, "graphiql/graphiql.min.js.map"), "utf8"));
const bundled = sources.map((source) => /.*node_modules\/((@[^/]+\/)?[^/]+)/.exec(source)?.[1]);
const names = [...new Set([...Object.keys(versions), ...bundled])].filter(Boolean).sort();
install(names.filter((name) => !existsSync(join(modules, name))));
const packagesByText = new Map();
for (const name of names) {
  const { license, author } = JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8"));
  const file = readdirSync(join(modules, name)).find((file) => /^licen[cs]e/i.test(file));
  const none = `The package has no licence file; author: ${author ?? "not named"}`;
  const text = file ? readFileSync(join(modules, name, file), "utf8").trim() : none;
  packagesByText.set(text, [...(packagesByText.get(text) ?? []), `${name} (${license})`]);
}
const sections = [...packagesByText].map(([text, packages]) => `${packages.join("\n")}\n\n${text}\n`);
writeFileSync(join("vendor", "LICENCES.txt"), sections.join(`\n${"-".repeat(80)}\n\n`));
rmSync(folder, { recursive: true });
