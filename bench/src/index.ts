export { benchWriter } from './writer/index.js';
export { processorRatio, rateOf } from './writer/print.js';
export { graphChangeOf, loadOf } from './writer/records.js';
