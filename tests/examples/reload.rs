//! The gateway follows its files, whichever way they change.

use std::{
    env, fs,
    io::{BufRead, BufReader, Lines},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{ChildStderr, Stdio},
};

use serde_json::Value;

use crate::{Running, example, get};

/// A directory that is removed with the test.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let name = format!("{name}-{}", std::process::id());
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A configuration that can be told from others by the one model that it knows.
fn config(model: &str) -> String {
    format!(
        "downstreams:\n- {{id: {model}, base_url: 'http://127.0.0.1:9', api_formats: [openai], output_model_ids: [{model}]}}\n"
    )
}

/// A gateway, and what it says on stderr.
struct Followed {
    running: Running,
    errors: Lines<BufReader<ChildStderr>>,
    url: String,
}

impl Followed {
    fn start(configs: &[&Path], watch: &str) -> Self {
        let mut command = example("gateway");
        command.args(["--listen", "127.0.0.1:0", "--watch", watch]);
        for config in configs {
            command.arg("--config").arg(config);
        }
        let mut running = Running::spawn(command.stderr(Stdio::piped()));
        let errors = BufReader::new(running.child.stderr.take().unwrap()).lines();
        let url = running.url();
        Self {
            running,
            errors,
            url,
        }
    }

    /// All that is said up to the first line with this beginning.
    fn said(&mut self, beginning: &str) -> String {
        let mut said = String::new();
        for line in self.errors.by_ref().map(Result::unwrap) {
            said += &line;
            if line.starts_with(beginning) {
                return said;
            }
            said += "\n";
        }
        panic!("it ended without {beginning:?}: {said}");
    }

    async fn models(&self) -> Vec<String> {
        let list = get(format!("{}/v1/models", self.url)).await;
        let list: Value = serde_json::from_str(&list).unwrap();
        let models = list["data"].as_array().unwrap().iter();
        models
            .map(|model| model["id"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// Often, so that no test waits long.
const OFTEN: &str = "10ms";

#[tokio::test]
async fn a_file_that_is_written_in_place_is_reloaded() {
    let directory = Directory::new("in-place");
    let path = directory.write("gateway.yaml", &config("before"));
    let mut gateway = Followed::start(&[&path], OFTEN);
    assert_eq!(gateway.models().await, ["before"]);
    for model in ["between", "after"] {
        fs::write(&path, config(model)).unwrap();
        let said = gateway.said("reloaded ");
        assert_eq!(said, format!("reloaded {}", path.display()));
        assert_eq!(gateway.models().await, [model]);
    }
}

/// As editors do.
#[tokio::test]
async fn a_file_that_is_replaced_by_another_is_reloaded() {
    let directory = Directory::new("replaced");
    let path = directory.write("gateway.yaml", &config("before"));
    let mut gateway = Followed::start(&[&path], OFTEN);
    for model in ["between", "after"] {
        let new = directory.write(".gateway.yaml.swp", &config(model));
        fs::rename(new, &path).unwrap();
        gateway.said("reloaded ");
        assert_eq!(gateway.models().await, [model]);
    }
}

/// The file is a link into `..data`, which is a link to a directory: only the latter link ever changes.
#[tokio::test]
async fn a_config_map_of_kubernetes_is_reloaded() {
    let directory = Directory::new("config-map");
    let publish = |revision: &str, model: &str| {
        fs::create_dir(directory.path(revision)).unwrap();
        directory.write(&format!("{revision}/gateway.yaml"), &config(model));
        let link = directory.path("..data_tmp");
        symlink(revision, &link).unwrap();
        fs::rename(link, directory.path("..data")).unwrap();
    };
    publish("..2026_11_01", "before");
    let path = directory.path("gateway.yaml");
    symlink("..data/gateway.yaml", &path).unwrap();
    let mut gateway = Followed::start(&[&path], OFTEN);
    assert_eq!(gateway.models().await, ["before"]);
    publish("..2026_11_02", "after");
    fs::remove_dir_all(directory.path("..2026_11_01")).unwrap();
    gateway.said("reloaded ");
    assert_eq!(gateway.models().await, ["after"]);
}

#[tokio::test]
async fn a_hangup_reloads_what_nobody_watches() {
    let directory = Directory::new("hangup");
    let path = directory.write("gateway.yaml", &config("before"));
    let mut gateway = Followed::start(&[&path], "0");
    fs::write(&path, config("after")).unwrap();
    gateway.running.signal("-HUP");
    gateway.said("reloaded ");
    assert_eq!(gateway.models().await, ["after"]);
}

#[tokio::test]
async fn a_broken_file_changes_nothing_until_it_is_mended() {
    let directory = Directory::new("broken");
    let path = directory.write("gateway.yaml", &config("before"));
    let mut gateway = Followed::start(&[&path], OFTEN);

    fs::write(&path, config("after") + "rules:\n- {nonsense: 1}\n").unwrap();
    let said = gateway.said("not reloaded ");
    let place = format!("{}:4:3: ", path.display());
    assert!(said.starts_with(&place), "{said}");
    assert_eq!(gateway.models().await, ["before"]);

    fs::remove_file(&path).unwrap();
    gateway.said("not reloaded ");
    assert_eq!(gateway.models().await, ["before"]);

    fs::write(&path, config("after")).unwrap();
    // The very next that it says: a fault is told once.
    assert!(gateway.said("").starts_with("reloaded "));
    assert_eq!(gateway.models().await, ["after"]);
}

#[tokio::test]
async fn what_looks_like_a_mistake_is_said_with_every_reload() {
    let directory = Directory::new("lints");
    let path = directory.write("gateway.yaml", &config("before"));
    let mut gateway = Followed::start(&[&path], OFTEN);
    let twice = config("after").replace("id: after", "id: again");
    let twice = twice.replace("downstreams:\n", "");
    fs::write(&path, config("after") + &twice).unwrap();
    let said = gateway.said("reloaded ");
    assert!(said.starts_with("warning: "), "{said}");
    assert!(said.contains("owned by after, again"), "{said}");
}

#[tokio::test]
async fn several_files_are_one_configuration_and_each_is_followed() {
    let directory = Directory::new("several");
    let first = directory.write("first.yaml", &config("a"));
    let second = directory.write("second.yaml", &config("b"));
    let mut gateway = Followed::start(&[&first, &second], OFTEN);
    assert_eq!(gateway.models().await, ["a", "b"]);
    fs::write(&second, config("c")).unwrap();
    let said = gateway.said("reloaded ");
    let both = format!("reloaded {}, {}", first.display(), second.display());
    assert_eq!(said, both);
    assert_eq!(gateway.models().await, ["a", "c"]);
}
