// The API's documentation page: Swagger UI from our own server, its requests carrying the page's CSRF token.
import "swagger-ui-dist/swagger-ui.css";
import "./apidocs.css";
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import { csrfHeaders } from "./http";

const place = document.getElementById("api-docs");
if (!place?.dataset["openapi"]) throw new Error('the page needs <div id="api-docs" data-openapi="…/openapi.json">');

SwaggerUI({
  domNode: place,
  url: place.dataset["openapi"],
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  validatorUrl: null, // by default it asks a stranger's server to judge our document
  persistAuthorization: false, // a token does not stay in a browser that others use
  requestInterceptor: (request) => {
    Object.assign(request.headers, csrfHeaders(request.method ?? "GET", request.url));
    return request;
  },
});
