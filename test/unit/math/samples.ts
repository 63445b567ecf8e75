/** Hours of sleep gained by ten patients under two drugs: Student 1908, "The probable error of a mean", Biometrika 6. */
export const FIRST_DRUG = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
export const SECOND_DRUG = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
export const SLEEP_DIFFERENCES = FIRST_DRUG.map((gain, at) => gain - SECOND_DRUG[at]!);

/** Length of teeth of guinea pigs given 0.5 mg of vitamin C a day, as orange juice or as such: R's ToothGrowth. */
export const ORANGE = [15.2, 21.5, 17.6, 9.7, 14.5, 10, 8.2, 9.4, 16.5, 9.7];
export const VITAMIN = [4.2, 11.5, 7.3, 5.8, 6.4, 10, 11.2, 11.2, 5.2, 7];

/** Permeability constants of a membrane: Hollander, Wolfe 1973, "Nonparametric statistical methods", p. 69. */
export const AT_TERM = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
export const EARLY = [1.15, 0.88, 0.9, 0.74, 1.21];
