// Shows the schema of this host. Through the Unix socket's proxy no token is needed; on TCP the page asks for one.
"use strict";

const ask = document.getElementById("ask");
const told = document.getElementById("told");
let token = "";

async function show() {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const answer = await fetch(new URL("openapi.json", location.href), { headers });
  if (!answer.ok) {
    ask.hidden = false;
    told.textContent = token ? (await answer.json()).detail : "";
    return;
  }
  ask.hidden = true;
  const spec = await answer.json();
  // Behind a proxy the API does not begin at the root of the site.
  spec.servers = [{ url: new URL("..", location.href).pathname.replace(/\/$/, "") || "/" }];
  SwaggerUIBundle({
    spec,
    dom_id: "#ui",
    deepLinking: true,
    validatorUrl: null,
    requestInterceptor: (request) => {
      if (token) request.headers.authorization = `Bearer ${token}`;
      return request;
    },
  });
}

ask.addEventListener("submit", (event) => {
  event.preventDefault();
  token = document.getElementById("token").value.trim();
  show();
});
show();
