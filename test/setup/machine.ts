/** Whether the machine has what some tests of a file need; where it lacks it, that is printed: nothing is skipped silently. */
function has(condition: boolean, skipped: string, why: string): boolean {
  if (!condition) process.stderr.write(`skipped: ${skipped}: ${why}\n`);
  return condition;
}

export const needsRoot = (tests: string): boolean =>
  has(process.getuid?.() === 0, tests, "they change users and permissions, and we are not root");

export const needsUser = (tests: string): boolean =>
  has(process.getuid?.() !== 0, tests, "they are about a user that is not root");

export const needsLinux = (tests: string): boolean =>
  has(process.platform === "linux", tests, "they read /proc, and this is not Linux");

export const needsDockerImages = (hasImages: boolean, tests: string): boolean =>
  has(
    hasImages,
    tests,
    "no Docker engine answers, or test/docker/build-images.sh has not built its images",
  );

export const needsIsolationtester = (hasIt: boolean, tests: string): boolean =>
  has(hasIt, tests, "PostgreSQL's isolationtester is not installed (Debian: postgresql-15)");

export const needsPgBouncer = (isHere: boolean, tests: string): boolean =>
  has(isHere, tests, "there is no pgbouncer on this machine");
