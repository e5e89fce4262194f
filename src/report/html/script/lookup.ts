/** A search over the jobs that the page holds: by number, by "round:job", by a bot, or by what happened. */
export const lookupScript = String.raw`
(() => {
  const block = document.getElementById("job-stories");
  const place = document.querySelector("[data-lookup]");
  if (!block || !place) return;
  const { strategies, words, jobs } = JSON.parse(block.textContent);
  const most = 50;
  const label = document.createElement("label");
  label.textContent = "Look a job up: ";
  const box = document.createElement("input");
  box.type = "search";
  box.placeholder = "17, 3:17, bot 4, unknown";
  label.append(box);
  const said = document.createElement("p");
  said.className = "facts";
  said.setAttribute("role", "status");
  const list = document.createElement("ul");
  list.className = "found";
  place.append(label, said, list);
  place.hidden = false;
  const textOf = ([atMs, word, bot, attempt]) =>
    words[word] + (bot === null ? "" : " by bot " + bot) + (attempt === null ? "" : ", attempt " + attempt) +
    (atMs < 0 ? " before the load" : " at " + atMs + " ms");
  const matcher = (text) => {
    const number = /^(?:job\s+)?(?:(\d+)\s*:\s*)?(\d+)$/i.exec(text);
    if (number) return ([, round, job]) => String(job) === number[2] && (number[1] === undefined || String(round) === number[1]);
    const bot = /^bot\s+(\d+)$/i.exec(text);
    if (bot) return ([, , , events]) => events.some((event) => String(event[2]) === bot[1]);
    const part = text.toLowerCase();
    const isNamed = strategies.map((name) => name.toLowerCase().includes(part));
    const isSaid = words.map((word) => word.includes(part));
    return ([strategy, , , events]) => isNamed[strategy] || events.some((event) => isSaid[event[1]]);
  };
  const itemOf = ([strategy, round, job, events]) => {
    const item = document.createElement("li");
    const title = document.createElement("strong");
    title.textContent = "job " + job;
    const rest = document.createElement("ol");
    for (const event of events) {
      const line = document.createElement("li");
      line.textContent = textOf(event);
      rest.append(line);
    }
    item.append(title, " of round " + round + ", " + strategies[strategy], rest);
    return item;
  };
  const search = () => {
    const text = box.value.trim();
    const found = text === "" ? [] : jobs.filter(matcher(text));
    list.replaceChildren(...found.slice(0, most).map(itemOf));
    said.textContent = text === "" ? "" : found.length === 0 ? "No such job is in this page." : found.length > most ? most + " of " + found.length + " found" : found.length + " found";
  };
  box.addEventListener("input", search);
})();
`;
