// Shapes of modules that bring none of their own.
declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  interface DocsRequest {
    url: string;
    method?: string;
    headers: Record<string, string>;
  }
  interface DocsOptions {
    domNode: Element;
    url: string;
    deepLinking?: boolean;
    docExpansion?: "none" | "list" | "full";
    filter?: boolean;
    validatorUrl?: string | null;
    persistAuthorization?: boolean;
    requestInterceptor?: (request: DocsRequest) => DocsRequest;
  }
  export default function SwaggerUI(options: DocsOptions): unknown;
}
