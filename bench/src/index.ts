export { benchWriter } from './writer/index.js';
export type { PhaseComparison } from './writer/compare.js';
export { processorRatio, rateOf } from './writer/print.js';
export { graphChangeOf, loadOf } from './writer/records.js';
export { benchReads, type ReadFigures } from './reads/index.js';
