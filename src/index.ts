// biome-ignore-all assist/source/organizeImports: one line for each few names keeps the list short
/**
 * Declarative experiments: say what varies, run what is missing, keep every result in a plain folder, resume after
 * anything.
 *
 * @packageDocumentation
 */
export { type AdviseOptions, advise, type SearchAdvice } from "./analysis/advise.ts";
export { type ComparedGroup, type CompareOptions, type Comparison, compare } from "./analysis/compare.ts";
export type { PairComparison, TestResult } from "./analysis/comparison/pairs.ts";
export type { MetricChoice } from "./results/metric-column.ts";
export type { GroupSummaries, GroupSummary, IntervalKind } from "./results/summary/summaries.ts";
export type { SummaryOptions } from "./results/summary/summaries.ts";
export { type SummarizeGroupsOptions, summarizeGroups } from "./analysis/summarize-groups.ts";
export { compareStrategies, type RepeatSummary } from "./analysis/strategies/strategies.ts";
export type { StrategyComparison, StrategyCurve } from "./analysis/strategies/strategies.ts";
export type { StrategyOptions, StrategyPair, StrategyRuns } from "./analysis/strategies/strategies.ts";
export { type Importance, type ImportanceMethod, importance } from "./analysis/importance/importance.ts";
export type { ImportanceOptions, InteractionImportance } from "./analysis/importance/importance.ts";
export type { ParamImportance } from "./analysis/importance/importance.ts";
export { type Refinable, type RefineOptions, refineSpaceAround } from "./analysis/refine.ts";
export { type BayesianAcquisition, BayesianSearch } from "./compat/bayesian-search.ts";
export type { BayesianSearchOptions, BayesianSearchSettings } from "./compat/bayesian-search.ts";
export type { SearchBasis, SearchSettings } from "./compat/call.ts";
export { type ExperimentFilter, ExperimentManager } from "./compat/experiment-manager.ts";
export { GridSearch, type GridSearchOptions } from "./compat/grid-search.ts";
export type { BestTrial, ConfigOf, HyperSearch, RunSearchCall } from "./compat/hyper-search.ts";
export type { RunSearchOptions, TrainFunction } from "./compat/hyper-search.ts";
export { RandomSearch, type RandomSearchOptions, type RandomSearchSettings } from "./compat/random-search.ts";
export { SearchAnalyzer, type SearchAnalyzerOptions } from "./compat/search-analyzer.ts";
export type { AnalyzerPlotOptions, RankedTrial } from "./compat/search-analyzer.ts";
export { type FrontPoint, hypervolume, paretoFront } from "./analysis/front.ts";
export { type Winner, type WinnerOptions, winner } from "./analysis/winner.ts";
export { type DefinedSearch, type SearchDefinition, searchDefinition } from "./config/search-definition.ts";
export { type NamedOptions, readSearchFile, type SearchFile } from "./config/search-file.ts";
export { CancelledError, DefinitionError, type ErrorDetails, ExecutorError, MetalabError } from "./errors.ts";
export { MissingPackageError, OperationError, StoreError, TrialPruned } from "./errors.ts";
export type { CodeChange } from "./execution/code/compare.ts";
export type { PruneAdvisor } from "./execution/pruning.ts";
export type { ReportedPoints } from "./execution/reported-points.ts";
export type { StopMode } from "./execution/stop.ts";
export type { Report as RunReport } from "./execution/worker-journal.ts";
export type {
  ExecutionContext,
  Executor,
  Preparation,
  RunOutcome,
  RunTask,
  SweepContext,
} from "./execution/executor.ts";
export { inline } from "./execution/executors/inline.ts";
export type { PoolOptions } from "./execution/executors/pool-options.ts";
export { processes } from "./execution/executors/processes.ts";
export { threads } from "./execution/executors/threads.ts";
export type { OnlyCandidate, ProgressForm, ProgressOptions } from "./execution/options.ts";
export type { RunHandle } from "./execution/handle.ts";
export type { ExpectedTime, PlannedReason, PlannedRun, SweepPreview } from "./execution/preview.ts";
export type { Budget } from "./execution/policies/budget.ts";
export type { RetryPolicy } from "./execution/policies/retry.ts";
export type { RateLimit } from "./execution/rate.ts";
export type { WhyAnswer } from "./execution/why.ts";
export { type ContextOf, type DirectoryInput, directory, type FileInput } from "./experiment/context.ts";
export { type DirectoryMarker, type FileMarker, file } from "./experiment/context.ts";
export type { EndReason, ProgressState, RunEvent } from "./experiment/event.ts";
export type { FinishedRunEvent, RunEventBase } from "./experiment/event.ts";
export { Experiment, type ExperimentDefinition, type MetricsOf } from "./experiment/experiment.ts";
export type { Operation, ParamsOf } from "./experiment/experiment.ts";
export type { FoldIndexOptions, FoldIndices, FoldLabel } from "./experiment/fold-indices.ts";
export { foldIndices } from "./experiment/fold-indices.ts";
export { formatFilter } from "./experiment/filter/format.ts";
export { parseFilter } from "./experiment/filter/parser.ts";
export type { FilterCondition, FilterOperator, FilterTree, FilterValue } from "./experiment/filter/tree.ts";
export { type FoldOptions, type FoldPlan, folds } from "./experiment/folds.ts";
export type { ExperimentKey, Manifest } from "./experiment/manifest.ts";
export type { ArtifactOptions, Capture, MetricValues, OperationInput } from "./experiment/operation.ts";
export type { Params, RunSeeds, Track, TrialInfo } from "./experiment/operation.ts";
export { type Applied, applyParams } from "./experiment/params.ts";
export type { RunSpec } from "./experiment/run-specs.ts";
export type { ArtifactRef, Entry, ErrorClass, LogLevel, LogLine, MetricValue } from "./experiment/record.ts";
export type { Origin, RunError, RunRecord, RunStatus } from "./experiment/record.ts";
export type { BlockPointer, FinishedStatus } from "./experiment/record.ts";
export type { AcceptEntry, DeleteEntry, DerivedEntry, PinEntry, SearchEntry } from "./experiment/record.ts";
export type { StartEntry, SuggestionEntry, TagEntry, UnknownEntry } from "./experiment/record.ts";
export type { Json } from "./identity/canonical.ts";
export type { IdIndex } from "./identity/id-index.ts";
export type { Fold } from "./identity/ids.ts";
export { type SeedOptions, type SeedPlan, type StreamSeeds, seeds } from "./experiment/seeds.ts";
export type { GridSource } from "./experiment/grid-source.ts";
export type { NamedSource } from "./experiment/param-source.ts";
export type { RandomOptions } from "./experiment/random-source.ts";
export type { ParamSource, SourceDescription } from "./experiment/source.ts";
export { concat, grid, manual, product, random, sample } from "./experiment/sources.ts";
export {
  type SearchMode,
  type SearchOptions,
  type SearchSource,
  search,
} from "./experiment/search-source.ts";
export type { Rng } from "./math/random.ts";
export type { EffectSize } from "./math/effect-size.ts";
export type { Summary } from "./math/stats.ts";
export type { VarianceEstimate } from "./math/variance-prior.ts";
export type {
  Axis,
  BandMark,
  Dash,
  Figure,
  Legend,
  LegendEntry,
  LineMark,
  Mark,
  Panel,
} from "./plots/figure.ts";
export type { Parallel, ParallelLine, PointMark, RampLegend, RectMark, ScaleKind } from "./plots/figure.ts";
export type { SegmentMark, Shape, Styled, TextMark } from "./plots/figure.ts";
export type { Aggregate, ImportanceValue, PlotKind, PlotOptions, Spread } from "./plots/options.ts";
export type { Picture, PngOptions, TextOptions } from "./plots/picture.ts";
export { picture, plot } from "./plots/plot.ts";
export type { ReportOptions, WrittenReport } from "./report/options.ts";
export { report } from "./report/report.ts";
export type { DisplayOptions } from "./results/display.ts";
export type { DanfoFrame, DanfoGroups } from "./results/export/danfo.ts";
export type { Criterion, Filter } from "./results/match.ts";
export type { SeriesOptions, SeriesRow } from "./results/export/series.ts";
export { type WrittenTensorBoard, writeTensorBoard } from "./results/export/tensorboard/write.ts";
export type { Group, GroupKey, Groups } from "./results/groups.ts";
export type { CsvOptions } from "./results/export/csv.ts";
export type { RankDirection } from "./results/rank.ts";
export { type AnyResults, Results } from "./results/results.ts";
export { type AnyRun, Run, type RunDetails, type SuccessfulRun } from "./results/run.ts";
export type { UnsuccessfulRun } from "./results/run.ts";
export { type SqlColumn, type SqlParams, type SqlResult, type SqlValue, sql } from "./results/sql/sql.ts";
export { Series, type SeriesPoint } from "./results/series.ts";
export type { ResultsPart } from "./results/selection.ts";
export type { Row } from "./results/table.ts";
export type { ChoiceOptions, ExperimentChoice, RunChoice } from "./run/choice.ts";
export { deleteRuns } from "./run/delete-runs.ts";
export {
  type DerivedValues,
  type DeriveFrom,
  type DeriveOptions,
  type DeriveReport,
  derive,
} from "./run/derive.ts";
export { type GcOptions, type GcReport, gc } from "./run/gc.ts";
export type { GcExperiment } from "./run/gc-plan.ts";
export { type ImportOptions, type ImportReport, importRuns } from "./run/import.ts";
export { type LoadOptions, type LoadSessionOptions, loadResults } from "./run/load.ts";
export { type CopyOptions, type CopyReport, copyStore, mergeStores } from "./run/merge.ts";
export type { RunOptions } from "./run/options.ts";
export { pin, unpin } from "./run/pin.ts";
export { type PlanOptions, plan } from "./run/plan.ts";
export { type RenameOptions, type RetagOptions, rename, retag } from "./run/rename.ts";
export { type ReplayDifference, type ReplayReport, replay } from "./run/replay.ts";
export { requestStop, type StopOptions, type StoppingSweep } from "./run/request-stop.ts";
export { run } from "./run/run.ts";
export { saveResults } from "./run/saved.ts";
export type { IfExists, SessionOptions } from "./run/session/options.ts";
export { Session, type SessionParameters } from "./run/session/session.ts";
export { session } from "./run/session/verb.ts";
export { type TagOptions, tag } from "./run/tag.ts";
export { compact, type VerifyOptions, verify } from "./run/upkeep.ts";
export { type Accepted, accept, type StoreOption, why } from "./run/why.ts";
export { atLeast, atMost, type Constraint } from "./search/constraint.ts";
export { Optimizer, type OptimizerOptions, optimizer } from "./search/optimizer.ts";
export type { ProposedTrial, SavedOptimizer, Told, ToldTrial } from "./search/optimizer.ts";
export { type Race, type RaceDecision, type RaceInput, type RaceOptions, race } from "./search/race.ts";
export {
  type CapturedOption,
  type Direction,
  maximize,
  minimize,
  type Objective,
} from "./search/objective.ts";
export { type Curve, CurveHistory, type CurvePoints } from "./search/curves.ts";
export { History, type ObservedTrial, type TrialOutcome, type TrialState } from "./search/history.ts";
export type { PruneInput, Pruner } from "./search/pruner.ts";
export type { SearchPlan } from "./search/definition.ts";
export type { FoldAggregate } from "./search/outcome.ts";
export type { Point } from "./search/study.ts";
export { type HyperbandOptions, hyperband } from "./search/pruners/hyperband.ts";
export { median } from "./search/pruners/median.ts";
export { type PatientOptions, patient } from "./search/pruners/patient.ts";
export { type PercentileOptions, percentile } from "./search/pruners/percentile.ts";
export { type SuccessiveHalvingOptions, successiveHalving } from "./search/pruners/successive-halving.ts";
export { type ThresholdOptions, threshold } from "./search/pruners/threshold.ts";
export { type WilcoxonOptions, wilcoxon } from "./search/pruners/wilcoxon.ts";
export type { PendingTrial, Sampler, SuggestInput, Suggestion } from "./search/sampler.ts";
export { auto } from "./search/samplers/auto.ts";
export { type CmaesOptions, cmaes } from "./search/samplers/cmaes.ts";
export type { Restarts } from "./search/samplers/cmaes/restart.ts";
export { type GpOptions, gp } from "./search/samplers/gp.ts";
export type { AcquisitionName } from "./search/samplers/gp/acquisition.ts";
export { type GridSamplerOptions, grid as gridSampler } from "./search/samplers/grid.ts";
export { type Nsga2Options, nsga2 } from "./search/samplers/nsga2.ts";
export { random as randomSampler } from "./search/samplers/random.ts";
export { sobol } from "./search/samplers/sobol.ts";
export { type TpeOptions, tpe } from "./search/samplers/tpe.ts";
export { Categorical, choice, type Distribution, Integer, int, logint } from "./space/distribution.ts";
export type { Choice, Int, LogInt, LogNormal, LogUniform, Normal, Uniform } from "./space/distribution.ts";
export type { ScaleOptions, StepOptions } from "./space/distribution.ts";
export { lognormal, loguniform, normal, qint, qlognormal, qloguniform } from "./space/distribution.ts";
export { qnormal, quniform, Real, uniform, type ValueOf } from "./space/distribution.ts";
export type { ListedSpace, ListedValue } from "./space/listed.ts";
export { type Condition, type Space, type SpaceParams, type When, when } from "./space/space.ts";
export type { ResolvedSpace, SpaceEntry } from "./space/space.ts";
export type { UnitDimension, UnitSpace } from "./space/units.ts";
export { type FileStoreOptions, fileStore } from "./store/file/file-store.ts";
export { type Column, type RunFrame, valueAt } from "./store/frame.ts";
export type { ForeignTool } from "./store/import/foreign.ts";
export type { ImportedExperiment } from "./store/import/write-runs.ts";
export { openStore } from "./store/locator.ts";
export { memoryStore } from "./store/memory.ts";
export type { ArrowTable } from "./store/serializers/arrow.ts";
export type { TagChanges } from "./store/note-table.ts";
export type { SearchNotes } from "./store/search-table.ts";
export type { Block, Damage, Durability, Store, StoreWriter, WriterOptions } from "./store/store.ts";
export type { OriginFacts } from "./store/store.ts";
export type { UnfinishedStatus } from "./store/unfinished.ts";
export type { CompactReport, StoredObject, Upkeep, VerifyReport } from "./store/upkeep.ts";
export type { StreamName } from "./sweep/metrics/collector.ts";
export type { MetricFile, MetricFold, MetricPattern, MetricSources } from "./sweep/metrics/sources.ts";
export type { RunFiles } from "./sweep/program/run-folder.ts";
export {
  type ProgramLine,
  type ProgramOptions,
  type ProgramPrune,
  type ProgramRun,
  programOperation,
} from "./sweep/program.ts";
