// One of everything that a test looks for from outside.
const vscode = require('vscode');

exports.activate = (context) => {
  const register = (name, run) => context.subscriptions.push(vscode.commands.registerCommand(`probe.${name}`, run));
  register('say', async () => {
    const answer = await vscode.window.showInformationMessage('The probe speaks.', 'Hear');
    if (answer) vscode.window.setStatusBarMessage(`heard ${answer}`);
  });
  register('sayMore', () => vscode.window.showWarningMessage('The probe says more.'));
  register('ask', ask);
  register('confirm', async () => {
    const answer = await vscode.window.showWarningMessage('Sure?', { modal: true, detail: 'Really?' }, 'Yes');
    vscode.window.setStatusBarMessage(`confirmed ${answer}`);
  });
  register('page', showPage);
  register('where', () => {
    const place = vscode.workspace.getConfiguration('probe').get('place');
    vscode.window.showInformationMessage(`state ${process.env.XDG_STATE_HOME} of ${process.env.PROBE}, place ${place}`);
  });
  register('row', (row) => vscode.window.setStatusBarMessage(`poked ${row}`));
  const children = { '': ['fruit'], fruit: ['apple', 'pear'] };
  context.subscriptions.push(
    vscode.window.registerTreeDataProvider('probe.tree', {
      getChildren: (parent = '') => children[parent] ?? [],
      getTreeItem: (name) => ({
        label: name,
        tooltip: `all about ${name}`,
        collapsibleState: children[name] ? 1 : 0,
      }),
    }),
    controller(),
  );
};

async function ask() {
  const fruit = await vscode.window.showQuickPick([{ label: 'apple', description: 'red' }, { label: 'pear' }], {
    title: 'Fruit',
  });
  const many = await vscode.window.showQuickPick(['knife', 'fork', 'spoon'], { title: 'Tools', canPickMany: true });
  const number = await vscode.window.showInputBox({
    title: 'How many',
    validateInput: (text) => (/^\d+$/.test(text) ? undefined : 'a number, please'),
  });
  vscode.window.setStatusBarMessage(`${number} ${fruit.label} ${many.join('+')}`);
}

function showPage() {
  const panel = vscode.window.createWebviewPanel('probe', 'Page', vscode.ViewColumn.Active, { enableScripts: true });
  panel.webview.onDidReceiveMessage((text) => vscode.window.setStatusBarMessage(`page ${text}`));
  panel.webview.html = `<button id="poke">poke</button><script>
    const api = acquireVsCodeApi();
    document.getElementById('poke').onclick = () => api.postMessage('poked');
  </script>`;
}

/** A kernel that says a cell's source again, and then `done`, when a second has passed. */
function controller() {
  const made = vscode.notebooks.createNotebookController('probe', 'jupyter-notebook', 'Parrot');
  made.description = 'says it again';
  made.supportsExecutionOrder = true;
  let order = 0;
  made.executeHandler = async (cells) => {
    for (const cell of cells) {
      const execution = made.createNotebookCellExecution(cell);
      order += 1;
      execution.executionOrder = order;
      execution.start(Date.now());
      const say = (text) =>
        execution.appendOutput(new vscode.NotebookCellOutput([vscode.NotebookCellOutputItem.stdout(text)]));
      await say(`heard ${cell.document.getText()}\n`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await say('done\n');
      execution.end(true, Date.now());
    }
  };
  return made;
}
