//! Arms that are alike, looked at after each request: how often is a difference seen that isn't there?

use super::*;

/// How many requests there are, of both arms together. Of ten times as many, 4.1 % of runs have a false alarm where it is
/// hardest: times of which a tenth are the challenger's.
const REQUESTS: usize = 2000;

/// Of all runs, the part in which at some moment the interval of 95 % was not around 0. An experiment gives the arm, the bucket
/// and the value of each next request.
fn false_alarms<N>(experiment: impl Fn(Chance) -> N, of: impl Fn(Mean) -> Mean + Copy) -> f64
where
    N: FnMut() -> (usize, usize, f64),
{
    part_of_runs(|chance| has_alarm(experiment(chance), of))
}

fn has_alarm(
    mut next: impl FnMut() -> (usize, usize, f64),
    of: impl Fn(Mean) -> Mean + Copy,
) -> bool {
    let mut arms = [Observed::new(), Observed::new()];
    (0..REQUESTS).any(|_| {
        let (arm, bucket, value) = next();
        arms[arm].push(bucket, value);
        let [a, b] = &arms;
        let (Some(a), Some(b)) = (a.clusters.mean(), b.clusters.mean()) else {
            return false;
        };
        differs(&of(a), &of(b))
    })
}

fn differs(a: &Mean, b: &Mean) -> bool {
    let is_enough = |mean: &Mean| mean.n >= 100.0 && mean.clusters >= 30.0;
    let difference = a.value - b.value;
    // No interval is narrower than three standard errors to each side, so most need no closer look.
    let is_far = difference * difference > 9.0 * (a.variance + b.variance);
    is_far && is_enough(a) && is_enough(b) && {
        let found = crate::scoreboard::statistics::difference(a, b, 0.05);
        found.low > 0.0 || found.high < 0.0
    }
}

/// Requests each of a unit of its own.
fn independent(
    share: f64,
    value: impl Fn(&mut Chance) -> f64 + Copy + 'static,
) -> impl Fn(Chance) -> Box<dyn FnMut() -> (usize, usize, f64)> {
    move |mut chance| {
        Box::new(move || {
            let arm = usize::from(chance.is_below(share));
            (arm, chance.bucket(), value(&mut chance))
        })
    }
}

/// Users of whom some ask much more often than others, and each of whom has times, or errors, of their own.
fn users(
    count: usize,
    value: impl Fn(&mut Chance, f64) -> f64 + Copy + 'static,
) -> impl Fn(Chance) -> Box<dyn FnMut() -> (usize, usize, f64)> {
    move |mut chance| {
        let mut asked = 0.0;
        let users: Vec<(f64, usize, usize, f64)> = (0..count)
            .map(|_| {
                asked += chance.lognormal(1.0);
                let arm = usize::from(chance.is_below(0.5));
                (asked, arm, chance.bucket(), chance.normal())
            })
            .collect();
        Box::new(move || {
            let at = chance.uniform() * asked;
            let (_, arm, bucket, own) = users[users.partition_point(|user| user.0 < at)];
            (arm, bucket, value(&mut chance, own))
        })
    }
}

fn plain(mean: Mean) -> Mean {
    mean
}

fn time(chance: &mut Chance) -> f64 {
    chance.lognormal(1.0)
}

fn error(part: f64) -> impl Fn(&mut Chance) -> f64 + Copy + 'static {
    move |chance| f64::from(u8::from(chance.is_below(part)))
}

/// Runs it, and tells what came out.
macro_rules! at_most_5_percent {
    ($($name:ident: $experiment:expr, $of:expr;)*) => {$(
        #[test]
        fn $name() {
            let found = false_alarms($experiment, $of);
            println!("{}: {found}", stringify!($name));
            assert!(found <= 0.05, "{found}");
        }
    )*};
}

at_most_5_percent! {
    times: independent(0.5, time), plain;
    times_of_unequal_arms: independent(0.1, time), plain;
    frequent_errors: independent(0.5, error(0.2)), Mean::of_fractions;
    rare_errors: independent(0.5, error(0.01)), Mean::of_fractions;
    rare_errors_of_unequal_arms: independent(0.1, error(0.01)), Mean::of_fractions;
    times_of_users: users(400, |chance, own| (own + chance.normal()).exp()), plain;
    times_of_few_users: users(250, |chance, own| (own + chance.normal()).exp()), plain;
    errors_of_users: users(400, |chance, own| {
        f64::from(u8::from(chance.is_below(0.02 * own.exp())))
    }), Mean::of_fractions;
}

#[test]
fn users_taken_for_so_many_strangers_raise_false_alarms() {
    let known = users(400, |chance, own| (own + chance.normal()).exp());
    let as_strangers = |chance: Chance| {
        let mut other = Chance(chance.0 ^ 1);
        let mut next = known(chance);
        move || {
            let (arm, _, value) = next();
            (arm, other.bucket(), value)
        }
    };
    let found = false_alarms(as_strangers, plain);
    println!("users as strangers: {found}");
    assert!(found > 0.1, "{found}");
}
