export { createAccountMapper, type AccountMapperOptions } from './account-mapper.js';
export { accountMapperEnvironment } from './config.js';
export { accountMapperMetrics } from './metric-declarations.js';
