/// Looks up a variable of the environment.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Puts in the variables that `text` names as `${NAME}`.
///
/// # Errors
///
/// What is wrong, without the text: it belongs to a secret.
pub(super) fn expand(text: &str, lookup: Lookup<'_>) -> Result<String, String> {
    let (mut expanded, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) = after
            .split_once('}')
            .ok_or("\"${\" without a \"}\" behind it")?;
        let is_name = |name: &str| {
            let mut characters = name.chars();
            !name.is_empty() && characters.all(|each| each.is_ascii_alphanumeric() || each == '_')
        };
        if !is_name(name) {
            return Err("what is in \"${}\" is not the name of a variable".to_owned());
        }
        let value = lookup(name).filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| format!("the environment variable {name} is not set"))?;
        expanded.push_str(before);
        expanded.push_str(&value);
        rest = behind;
    }
    expanded.push_str(rest);
    Ok(expanded)
}
