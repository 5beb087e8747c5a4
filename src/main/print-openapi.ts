import { endpoints } from '../contract/api/endpoints.ts';
import { openApiDocument } from '../server/openapi.ts';
import { VERSION } from './installation.ts';

// Prints the OpenAPI document of this checkout: the types of the page's client are made from it.
console.log(JSON.stringify(openApiDocument(endpoints, VERSION), null, 2));
