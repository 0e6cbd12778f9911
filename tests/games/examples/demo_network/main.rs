//! The demo: two players on a network of `playfair dev`, over HTTP and WebSockets, each move followed to its last rung.
//!
//! `demo_network PLAYFAIR FOLDER [--page PAGE [--browser PEERS PICTURES]] [--exit]`: the program, and the folder of the network. Each player hears the
//! other's moves by a subscription and answers them; a third socket follows every call up the ladder. Then the network stays up until Ctrl-C, or
//! ends with the demo. With a page, its address is told; with a browser, the players come to it for the last moves.

mod browser;
mod ladder;
mod network;
mod player;

use browser::Browser;
use ladder::Ladder;
use network::Network;
use playfair_games::chess::{Match, recorded};
use playfair_types::Decode;
use playfair_types::tape::genesis::GenesisRecord;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

/// What goes wrong is told and ends the demo.
type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Game 6 of the match of 1997.
const GAME: usize = 5;

/// What was asked for.
struct Options {
    program: PathBuf,
    folder: PathBuf,
    page: Option<PathBuf>,
    browser: Option<Browser>,
    ends: bool,
}

impl Options {
    /// None if it was asked otherwise than it can be.
    fn read(mut args: impl Iterator<Item = String>) -> Option<Self> {
        let mut options = Self {
            program: args.next()?.into(),
            folder: args.next()?.into(),
            page: None,
            browser: None,
            ends: false,
        };
        while let Some(word) = args.next() {
            match word.as_str() {
                "--exit" => options.ends = true,
                "--page" => options.page = Some(args.next()?.into()),
                "--browser" => {
                    options.browser = Some(Browser {
                        peers: args.next()?.into(),
                        pictures: args.next()?.into(),
                    });
                }
                _ => return None,
            }
        }
        Some(options).filter(|options| options.browser.is_none() || options.page.is_some())
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let Some(options) = Options::read(std::env::args().skip(1)) else {
        eprintln!("demo_network PLAYFAIR FOLDER [--page PAGE [--browser PEERS PICTURES]] [--exit]");
        return ExitCode::from(2);
    };
    match demo(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn demo(options: &Options) -> Result<()> {
    let mut network = Network::start(&options.program, &options.folder, options.page.as_deref()).await?;
    let played = play(&network, options.browser.as_ref()).await;
    if let Err(error) = played {
        network.stop().await?;
        return Err(error);
    }
    if options.ends {
        return network.stop().await;
    }
    println!(
        "\nThe network stays up: {}\nCtrl-C ends it; `playfair status --watch` in another terminal shows it.",
        network.address
    );
    if let Some(page) = &network.page {
        println!("The page, which verifies all of it: {page}");
    }
    network.until_told().await
}

/// The game: over the web API, but for its end if there is a browser to play it in.
async fn play(network: &Network, browser: Option<&Browser>) -> Result<()> {
    let client = network.client()?;
    let chain = network::get(&client, "/v1/chains/chess").await?;
    let genesis = GenesisRecord::decode(&network::bytes(&chain["genesis"])?)?;
    let game = Match::of(&recorded()[GAME], 1);
    println!(
        "\n{} against {}, 1997, game 6: {} plies\n",
        game.white,
        game.black,
        game.pgn.moves.len()
    );
    let mut steps = player::steps(&game, genesis.chain_id())?;
    let left = match browser {
        Some(_) => steps.split_off(steps.len().saturating_sub(browser::LEFT)),
        None => Vec::new(),
    };
    let (count, steps) = (steps.len(), Arc::new(steps));
    let (ladder, climbed) = Ladder::start(&client, count).await?;
    let begin = Instant::now();
    let white = player::Player::new(&client, &game.white, &steps, ladder.clone());
    let black = player::Player::new(&client, &game.black, &steps, ladder);
    let (white, black) = tokio::join!(white.play(), black.play());
    white?;
    black?;
    let sealed = begin.elapsed();
    println!(
        "\nplayed: {count} calls in {:.1} s; proofs are on their way\n",
        sealed.as_secs_f64()
    );
    if let Some(browser) = browser {
        browser.play(network, genesis.chain_id(), &left).await?;
    }
    let climbed = climbed.await??;
    let proofs = network::get(&client, "/v1/chains/chess/proofs").await?;
    println!(
        "\n{count} calls sealed, half of them in {} ms or less; all proven {:.1} s after the first, half in {:.1} s or less; \
         {} proofs, each {} bytes",
        climbed.sealed_p50.as_millis(),
        begin.elapsed().as_secs_f64(),
        climbed.proven_p50.as_secs_f64(),
        proofs["proven"]["proofs"],
        proofs["proofs"][0]["bytes"],
    );
    Ok(())
}
