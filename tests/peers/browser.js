// Pages that make a browser ask a server: one of a stranger, one behind a gateway whose host is allowed.
const http = require("http");
const fs = require("fs");
const assert = require("assert");
const { chromium } = require("playwright-core");

const [address, profile, log] = process.argv.slice(2);
const target = new URL(address);
const rows = JSON.stringify({ dataframe_records: [{ id: 1, x: 3 }] });
const tensors = JSON.stringify({
  inputs: [
    { name: "id", shape: [1], datatype: "INT64", data: [1] },
    { name: "x", shape: [1], datatype: "INT64", data: [3] },
  ],
});
const logged = () =>
  fs.existsSync(log)
    ? fs.readdirSync(log).filter((name) => name.endsWith(".jsonl"))
        .map((name) => fs.readFileSync(`${log}/${name}`, "utf8").split("\n").length - 1)
        .reduce((a, b) => a + b, 0)
    : 0;

// A page at "/", and everything else passed on to the server with the head that the browser sent.
const gateway = http.createServer((request, response) => {
  if (request.url === "/") {
    response.setHeader("Content-Type", "text/html");
    return response.end("<!doctype html><title>page</title><p>page</p>");
  }
  const onwards = http.request(
    { host: target.hostname, port: target.port, path: request.url, method: request.method, headers: request.headers },
    (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    },
  );
  onwards.on("error", () => response.destroy());
  request.pipe(onwards);
});

(async () => {
  await new Promise((resolve) => gateway.listen(0, "127.0.0.1", resolve));
  const port = gateway.address().port;
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
      "--host-resolver-rules=MAP evil.example 127.0.0.1, MAP models.example 127.0.0.1",
    ],
  });
  const page = await browser.newPage();
  // What a page can make of a request: its status and body, or the browser's refusal.
  const ask = (url, options) =>
    page.evaluate(
      ([url, options]) =>
        fetch(url, options).then(async (r) => ({ status: r.status, type: r.type, body: await r.text() }), (e) => ({ refused: String(e) })),
      [url, options],
    );

  await page.goto(`http://evil.example:${port}/`);
  const plain = { "Content-Type": "text/plain" };
  const json = { "Content-Type": "application/json" };
  for (const [path, body] of [["/invocations", rows], ["/v2/models/m/infer", tensors]]) {
    for (const host of [address, `http://evil.example:${target.port}`, `http://localhost:${target.port}`]) {
      const blind = await ask(host + path, { method: "POST", mode: "no-cors", headers: plain, body });
      assert(blind.refused || (blind.type === "opaque" && blind.body === ""), JSON.stringify(blind));
      const open = await ask(host + path, { method: "POST", headers: json, body });
      assert(open.refused, `the browser does not send JSON to another origin: ${JSON.stringify(open)}`);
    }
    // By its own origin, as after a rebinding of its name to this machine.
    for (const headers of [plain, json, {}]) {
      const rebound = await ask(path, { method: "POST", headers, body });
      assert.strictEqual(rebound.status, 403, JSON.stringify(rebound));
    }
  }
  const read = await ask("/metrics", {});
  assert.strictEqual(read.status, 403, JSON.stringify(read));
  // A form needs no script.
  await page.setContent(
    `<form method="post" enctype="text/plain" action="${address}/invocations"><input name='${rows.slice(0, -1)},"z' value='":1}'></form>`,
  );
  await Promise.all([page.waitForNavigation(), page.evaluate(() => document.forms[0].submit())]);
  assert(!(await page.content()).includes("prediction_"), "a form is refused");
  assert.strictEqual(logged(), 0, "nothing of the stranger's page was scored");

  await page.goto(`http://models.example:${port}/`);
  const answer = await ask("/invocations", { method: "POST", headers: json, body: rows });
  assert.strictEqual(answer.status, 200, JSON.stringify(answer));
  assert.strictEqual(JSON.parse(answer.body).predictions.length, 1);
  const untyped = await ask("/invocations", { method: "POST", headers: plain, body: rows });
  assert.strictEqual(untyped.status, 415, JSON.stringify(untyped));
  assert.strictEqual(logged(), 1, "one of the allowed host's was");
  await browser.close();
  gateway.close();
  console.log("browser: a stranger's page got nothing scored and nothing read; an allowed host's did");
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
