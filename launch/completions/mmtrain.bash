#!/bin/bash

__mmtrain_cursor_index_in_current_word() {
    local remaining="${COMP_LINE}"

    local word
    for word in "${COMP_WORDS[@]::COMP_CWORD}"; do
        remaining="${remaining##*([[:space:]])"${word}"*([[:space:]])}"
    done

    local -ir index="$((COMP_POINT - ${#COMP_LINE} + ${#remaining}))"
    if [[ "${index}" -le 0 ]]; then
        printf 0
    else
        printf %s "${index}"
    fi
}

# positional arguments:
#
# - 1: the current (sub)command's count of positional arguments
#
# required variables:
#
# - repeating_flags: the repeating flags that the current (sub)command can accept
# - non_repeating_flags: the non-repeating flags that the current (sub)command can accept
# - repeating_options: the repeating options that the current (sub)command can accept
# - non_repeating_options: the non-repeating options that the current (sub)command can accept
# - positional_number: value ignored
# - unparsed_words: unparsed words from the current command line
#
# modified variables:
#
# - non_repeating_flags: remove flags for this (sub)command that are already on the command line
# - non_repeating_options: remove options for this (sub)command that are already on the command line
# - positional_number: set to the current positional number
# - unparsed_words: remove all flags, options, and option values for this (sub)command
__mmtrain_offer_flags_options() {
    local -ir positional_count="${1}"
    positional_number=0

    local was_flag_option_terminator_seen=false
    local is_parsing_option_value=false

    local -ar unparsed_word_indices=("${!unparsed_words[@]}")
    local -i word_index
    for word_index in "${unparsed_word_indices[@]}"; do
        if "${is_parsing_option_value}"; then
            # This word is an option value:
            # Reset marker for next word iff not currently the last word
            [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]] && is_parsing_option_value=false
            unset "unparsed_words[${word_index}]"
            # Do not process this word as a flag or an option
            continue
        fi

        local word="${unparsed_words["${word_index}"]}"
        if ! "${was_flag_option_terminator_seen}"; then
            case "${word}" in
            --)
                unset "unparsed_words[${word_index}]"
                # by itself -- is a flag/option terminator, but if it is the last word, it is the start of a completion
                if [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]]; then
                    was_flag_option_terminator_seen=true
                fi
                continue
                ;;
            -*)
                # ${word} is a flag or an option
                # If ${word} is an option, mark that the next word to be parsed is an option value
                local option
                for option in "${repeating_options[@]}" "${non_repeating_options[@]}"; do
                    [[ "${word}" = "${option}" ]] && is_parsing_option_value=true && break
                done

                # Remove ${word} from ${non_repeating_flags} or ${non_repeating_options} so it isn't offered again
                local not_found=true
                local -i index
                for index in "${!non_repeating_flags[@]}"; do
                    if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                        unset "non_repeating_flags[${index}]"
                        non_repeating_flags=("${non_repeating_flags[@]}")
                        not_found=false
                        break
                    fi
                done
                if "${not_found}"; then
                    for index in "${!non_repeating_flags[@]}"; do
                        if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                            unset "non_repeating_flags[${index}]"
                            non_repeating_flags=("${non_repeating_flags[@]}")
                            break
                        fi
                    done
                fi
                unset "unparsed_words[${word_index}]"
                continue
                ;;
            esac
        fi

        # ${word} is neither a flag, nor an option, nor an option value
        if [[ "${positional_number}" -lt "${positional_count}" || "${positional_count}" -lt 0 ]]; then
            # ${word} is a positional
            ((positional_number++))
            unset "unparsed_words[${word_index}]"
        else
            if [[ -z "${word}" ]]; then
                # Could be completing a flag, option, or subcommand
                positional_number=-1
            else
                # ${word} is a subcommand or invalid, so stop processing this (sub)command
                positional_number=-2
            fi
            break
        fi
    done

    unparsed_words=("${unparsed_words[@]}")

    if\
        ! "${was_flag_option_terminator_seen}"\
        && ! "${is_parsing_option_value}"\
        && [[ ("${cur}" = -* && "${positional_number}" -ge 0) || "${positional_number}" -eq -1 ]]
    then
        COMPREPLY+=($(compgen -W "${repeating_flags[*]} ${non_repeating_flags[*]} ${repeating_options[*]} ${non_repeating_options[*]}" -- "${cur}"))
    fi
}

__mmtrain_add_completions() {
    local completion
    while IFS='' read -r completion; do
        COMPREPLY+=("${completion}")
    done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
}

__mmtrain_custom_complete() {
    if [[ -n "${cur}" || -z ${COMP_WORDS[${COMP_CWORD}]} || "${COMP_LINE:${COMP_POINT}:1}" != ' ' ]]; then
        local -ar words=("${COMP_WORDS[@]}")
    else
        local -ar words=("${COMP_WORDS[@]::${COMP_CWORD}}" '' "${COMP_WORDS[@]:${COMP_CWORD}}")
    fi

    "${COMP_WORDS[0]}" "${@}" "${words[@]}"
}

_mmtrain() {
    local state
    state="$(shopt -p;shopt -po)"
    trap "${state//$'\n'/;}" RETURN
    shopt -s extglob
    set +o history +o posix

    local -xr SAP_SHELL=bash
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(IFS='.';printf %s "${BASH_VERSINFO[*]}")"
    local -r SAP_SHELL_VERSION

    local -r cur="${2}"
    local -r prev="${3}"

    local -i positional_number
    local -a unparsed_words=("${COMP_WORDS[@]:1:${COMP_CWORD}}")

    local -a repeating_flags=()
    local -a non_repeating_flags=(--version -h --help)
    local -a repeating_options=()
    local -a non_repeating_options=()
    __mmtrain_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    train|prepare|evaluate|calibrate|match|predict|embed|explain|zeroshot|search|export|report|study|serve|privacy|fetch|inspect|verify|doctor|bench|help)
        # Offer subcommand argument completions
        "_mmtrain_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'train prepare evaluate calibrate match predict embed explain zeroshot search export report study serve privacy fetch inspect verify doctor bench help' -- "${cur}"))
        ;;
    esac
}

_mmtrain_train() {
    repeating_flags=()
    non_repeating_flags=(--accept-data-change --dry-run --json --version -h --help)
    repeating_options=(--config --set)
    non_repeating_options=(--output --resume --ranks --hostfile --restarts --threads)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--config')
        return
        ;;
    '--set')
        return
        ;;
    '--output')
        return
        ;;
    '--resume')
        return
        ;;
    '--ranks')
        return
        ;;
    '--hostfile')
        return
        ;;
    '--restarts')
        return
        ;;
    '--threads')
        return
        ;;
    esac
}

_mmtrain_prepare() {
    repeating_flags=()
    non_repeating_flags=(--lenient --fail-on-leaks --list --explain --json --version -h --help)
    repeating_options=(--archive --captions --questions --annotations --boxes --regions --table)
    non_repeating_options=(--images --caption-columns --caption-delimiter --columns --splits --tokenizer --vocabulary-size --name-encoding --max-bad-fraction --max-megapixels --output --downloads --drop --template --drop-splits --seed)
    __mmtrain_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--archive')
        return
        ;;
    '--images')
        return
        ;;
    '--captions')
        return
        ;;
    '--caption-columns')
        return
        ;;
    '--caption-delimiter')
        __mmtrain_add_completions -W 'comma'$'\n''tab'$'\n''semicolon'$'\n''bar'
        return
        ;;
    '--questions')
        return
        ;;
    '--annotations')
        return
        ;;
    '--boxes')
        return
        ;;
    '--regions')
        return
        ;;
    '--columns')
        return
        ;;
    '--table')
        return
        ;;
    '--splits')
        return
        ;;
    '--tokenizer')
        return
        ;;
    '--vocabulary-size')
        return
        ;;
    '--name-encoding')
        __mmtrain_add_completions -W 'shift-jis'$'\n''euc-jp'$'\n''gbk'$'\n''big5'$'\n''euc-kr'$'\n''latin-1'$'\n''latin-2'$'\n''windows-1251'$'\n''cp866'$'\n''cp850'$'\n''cp437'
        return
        ;;
    '--max-bad-fraction')
        return
        ;;
    '--max-megapixels')
        return
        ;;
    '--output')
        return
        ;;
    '--downloads')
        return
        ;;
    '--drop')
        return
        ;;
    '--template')
        return
        ;;
    '--drop-splits')
        return
        ;;
    '--seed')
        return
        ;;
    esac
}

_mmtrain_evaluate() {
    repeating_flags=()
    non_repeating_flags=(--fusion --cross-modal --subsets --each --allow-nonfinite --json --version -h --help)
    repeating_options=(--checkpoint --without --alone)
    non_repeating_options=(--data --captions --references --frequencies --scores --clip-score --images --split --rerank --pairs --by --answers --rewordings --beams --nucleus --temperature --seed --length-reward --block-repetition --repetition-penalty --minimum-length --maximum-length --prompt --threads --page --card)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--checkpoint')
        return
        ;;
    '--data')
        return
        ;;
    '--captions')
        return
        ;;
    '--references')
        return
        ;;
    '--frequencies')
        return
        ;;
    '--scores')
        return
        ;;
    '--clip-score')
        return
        ;;
    '--images')
        return
        ;;
    '--split')
        return
        ;;
    '--rerank')
        return
        ;;
    '--pairs')
        return
        ;;
    '--by')
        return
        ;;
    '--answers')
        return
        ;;
    '--without')
        __mmtrain_add_completions -W 'image'$'\n''text'$'\n''audio'
        return
        ;;
    '--rewordings')
        return
        ;;
    '--alone')
        return
        ;;
    '--beams')
        return
        ;;
    '--nucleus')
        return
        ;;
    '--temperature')
        return
        ;;
    '--seed')
        return
        ;;
    '--length-reward')
        return
        ;;
    '--block-repetition')
        return
        ;;
    '--repetition-penalty')
        return
        ;;
    '--minimum-length')
        return
        ;;
    '--maximum-length')
        return
        ;;
    '--prompt')
        return
        ;;
    '--threads')
        return
        ;;
    '--page')
        return
        ;;
    '--card')
        return
        ;;
    esac
}

_mmtrain_calibrate() {
    repeating_flags=()
    non_repeating_flags=(--divide --public-data --allow-nonfinite --json --version -h --help)
    repeating_options=(--checkpoint)
    non_repeating_options=(--data --split --risk --confidence --coverage --sets --page --threads)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--checkpoint')
        return
        ;;
    '--data')
        return
        ;;
    '--split')
        return
        ;;
    '--risk')
        return
        ;;
    '--confidence')
        return
        ;;
    '--coverage')
        return
        ;;
    '--sets')
        return
        ;;
    '--page')
        return
        ;;
    '--threads')
        return
        ;;
    esac
}

_mmtrain_match() {
    repeating_flags=()
    non_repeating_flags=(--skip-bad --allow-nonfinite --json --version -h --help)
    repeating_options=(--image --images --text)
    non_repeating_options=(--model --texts --over --precision --threads)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--model')
        return
        ;;
    '--image'|'--images')
        return
        ;;
    '--text')
        return
        ;;
    '--texts')
        return
        ;;
    '--over')
        return
        ;;
    '--precision')
        return
        ;;
    '--threads')
        return
        ;;
    esac
}

_mmtrain_predict() {
    repeating_flags=()
    non_repeating_flags=(--skip-bad --allow-nonfinite --json --json-lines --version -h --help)
    repeating_options=(--model --image --images --audio --question --text)
    non_repeating_options=(--answers --top --beams --nucleus --temperature --seed --length-reward --block-repetition --repetition-penalty --minimum-length --maximum-length --prompt --precision --threads --page --references)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--model')
        return
        ;;
    '--image'|'--images')
        return
        ;;
    '--audio')
        return
        ;;
    '--question')
        return
        ;;
    '--text')
        return
        ;;
    '--answers')
        return
        ;;
    '--top')
        return
        ;;
    '--beams')
        return
        ;;
    '--nucleus')
        return
        ;;
    '--temperature')
        return
        ;;
    '--seed')
        return
        ;;
    '--length-reward')
        return
        ;;
    '--block-repetition')
        return
        ;;
    '--repetition-penalty')
        return
        ;;
    '--minimum-length')
        return
        ;;
    '--maximum-length')
        return
        ;;
    '--prompt')
        return
        ;;
    '--precision')
        return
        ;;
    '--threads')
        return
        ;;
    '--page')
        return
        ;;
    '--references')
        return
        ;;
    esac
}

_mmtrain_embed() {
    repeating_flags=()
    non_repeating_flags=(--skip-bad --allow-nonfinite --version -h --help)
    repeating_options=(--images --image --audio)
    non_repeating_options=(--model --texts --data --split --output --precision --threads)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--model')
        return
        ;;
    '--images'|'--image')
        return
        ;;
    '--audio')
        return
        ;;
    '--texts')
        return
        ;;
    '--data')
        return
        ;;
    '--split')
        return
        ;;
    '--output')
        return
        ;;
    '--precision')
        return
        ;;
    '--threads')
        return
        ;;
    esac
}

_mmtrain_explain() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--model --image --text --regions --output --method --draws --threads)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--model')
        return
        ;;
    '--image')
        return
        ;;
    '--text')
        return
        ;;
    '--regions')
        return
        ;;
    '--output')
        return
        ;;
    '--method')
        return
        ;;
    '--draws')
        return
        ;;
    '--threads')
        return
        ;;
    esac
}

_mmtrain_zeroshot() {
    repeating_flags=()
    non_repeating_flags=(--audio --skip-bad --allow-nonfinite --json --version -h --help)
    repeating_options=(--template)
    non_repeating_options=(--model --data --split --classes --templates --precision --threads)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--model')
        return
        ;;
    '--data')
        return
        ;;
    '--split')
        return
        ;;
    '--classes')
        return
        ;;
    '--template')
        return
        ;;
    '--templates')
        return
        ;;
    '--precision')
        return
        ;;
    '--threads')
        return
        ;;
    esac
}

_mmtrain_search() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __mmtrain_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    index|query)
        # Offer subcommand argument completions
        "_mmtrain_search_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'index query' -- "${cur}"))
        ;;
    esac
}

_mmtrain_search_index() {
    repeating_flags=()
    non_repeating_flags=(--audio --skip-bad --allow-nonfinite --version -h --help)
    repeating_options=()
    non_repeating_options=(--model --photos --split --output --precision --threads)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--model')
        return
        ;;
    '--photos')
        return
        ;;
    '--split')
        return
        ;;
    '--output')
        return
        ;;
    '--precision')
        return
        ;;
    '--threads')
        return
        ;;
    esac
}

_mmtrain_search_query() {
    repeating_flags=()
    non_repeating_flags=(--allow-nonfinite --json --version -h --help)
    repeating_options=(--text --image --audio)
    non_repeating_options=(--index --top --model --html --precision --threads)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--index')
        return
        ;;
    '--text')
        return
        ;;
    '--image')
        return
        ;;
    '--audio')
        return
        ;;
    '--top')
        return
        ;;
    '--model')
        return
        ;;
    '--html')
        return
        ;;
    '--precision')
        return
        ;;
    '--threads')
        return
        ;;
    esac
}

_mmtrain_export() {
    repeating_flags=()
    non_repeating_flags=(--allow-nonfinite --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--model --to --output)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--model')
        return
        ;;
    '--to')
        __mmtrain_add_completions -W 'huggingface'$'\n''open_clip'
        return
        ;;
    '--output')
        return
        ;;
    esac
}

_mmtrain_report() {
    repeating_flags=()
    non_repeating_flags=(--best --watch --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--output --data --split --samples --threads)
    __mmtrain_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--output')
        return
        ;;
    '--data')
        return
        ;;
    '--split')
        return
        ;;
    '--samples')
        return
        ;;
    '--threads')
        return
        ;;
    esac
}

_mmtrain_study() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --json --version -h --help)
    repeating_options=()
    non_repeating_options=(--output --ranks --threads)
    __mmtrain_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--output')
        return
        ;;
    '--ranks')
        return
        ;;
    '--threads')
        return
        ;;
    esac
}

_mmtrain_serve() {
    repeating_flags=()
    non_repeating_flags=(--allow-nonfinite --version -h --help)
    repeating_options=()
    non_repeating_options=(--runs --index --index-model --model --answers --host --port --token --precision --threads)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--runs')
        return
        ;;
    '--index')
        return
        ;;
    '--index-model')
        return
        ;;
    '--model')
        return
        ;;
    '--answers')
        return
        ;;
    '--host')
        return
        ;;
    '--port')
        return
        ;;
    '--token')
        return
        ;;
    '--precision')
        return
        ;;
    '--threads')
        return
        ;;
    esac
}

_mmtrain_privacy() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __mmtrain_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    plan|audit)
        # Offer subcommand argument completions
        "_mmtrain_privacy_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'plan audit' -- "${cur}"))
        ;;
    esac
}

_mmtrain_privacy_plan() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=(--noise --target-epsilon)
    non_repeating_options=(--data --split --unit --units --batch --steps --epochs --delta --accountant --units-of-one)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--data')
        return
        ;;
    '--split')
        return
        ;;
    '--unit')
        return
        ;;
    '--units')
        return
        ;;
    '--batch')
        return
        ;;
    '--steps')
        return
        ;;
    '--epochs')
        return
        ;;
    '--noise')
        return
        ;;
    '--target-epsilon')
        return
        ;;
    '--delta')
        return
        ;;
    '--accountant')
        return
        ;;
    '--units-of-one')
        return
        ;;
    esac
}

_mmtrain_privacy_audit() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--delta)
    __mmtrain_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--delta')
        return
        ;;
    esac
}

_mmtrain_fetch() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __mmtrain_offer_flags_options 1
}

_mmtrain_inspect() {
    repeating_flags=()
    non_repeating_flags=(--verify --json --version -h --help)
    repeating_options=()
    non_repeating_options=()
    __mmtrain_offer_flags_options 1
}

_mmtrain_verify() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--model --case --tolerance --threads)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--model')
        return
        ;;
    '--case')
        return
        ;;
    '--tolerance')
        return
        ;;
    '--threads')
        return
        ;;
    esac
}

_mmtrain_doctor() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--ranks --threads --output)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--ranks')
        return
        ;;
    '--threads')
        return
        ;;
    '--output')
        return
        ;;
    esac
}

_mmtrain_bench() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __mmtrain_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    step|embed|write|gemm|convolutions|kernels|allreduce|scaling|hosts|loader|checkpoint|startup|safeguards)
        # Offer subcommand argument completions
        "_mmtrain_bench_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'step embed write gemm convolutions kernels allreduce scaling hosts loader checkpoint startup safeguards' -- "${cur}"))
        ;;
    esac
}

_mmtrain_bench_step() {
    repeating_flags=()
    non_repeating_flags=(--padded --json --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--model --preset --batch --precision --micro --recompute --steps --threads --data --caption-lengths)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--model')
        return
        ;;
    '--preset')
        return
        ;;
    '--batch')
        return
        ;;
    '--precision')
        return
        ;;
    '--micro')
        return
        ;;
    '--recompute')
        return
        ;;
    '--steps')
        return
        ;;
    '--threads')
        return
        ;;
    '--data')
        return
        ;;
    '--caption-lengths')
        return
        ;;
    '--set')
        return
        ;;
    esac
}

_mmtrain_bench_embed() {
    repeating_flags=()
    non_repeating_flags=(--allow-nonfinite --json --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--model --preset --batch --texts --tokens --repetitions --precision --threads)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--model')
        return
        ;;
    '--preset')
        return
        ;;
    '--batch')
        return
        ;;
    '--texts')
        return
        ;;
    '--tokens')
        return
        ;;
    '--repetitions')
        return
        ;;
    '--set')
        return
        ;;
    '--precision')
        return
        ;;
    '--threads')
        return
        ;;
    esac
}

_mmtrain_bench_write() {
    repeating_flags=()
    non_repeating_flags=(--allow-nonfinite --json --version -h --help)
    repeating_options=(--set)
    non_repeating_options=(--model --preset --batch --beams --tokens --repetitions --precision --threads)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--model')
        return
        ;;
    '--preset')
        return
        ;;
    '--batch')
        return
        ;;
    '--beams')
        return
        ;;
    '--tokens')
        return
        ;;
    '--repetitions')
        return
        ;;
    '--set')
        return
        ;;
    '--precision')
        return
        ;;
    '--threads')
        return
        ;;
    esac
}

_mmtrain_bench_gemm() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--preset --batch --caption-tokens --precision --products --threads)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--preset')
        return
        ;;
    '--batch')
        return
        ;;
    '--caption-tokens')
        return
        ;;
    '--precision')
        return
        ;;
    '--products')
        return
        ;;
    '--threads')
        return
        ;;
    esac
}

_mmtrain_bench_convolutions() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--batch --products --repetitions --threads)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--batch')
        return
        ;;
    '--products')
        return
        ;;
    '--repetitions')
        return
        ;;
    '--threads')
        return
        ;;
    esac
}

_mmtrain_bench_kernels() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--level)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--level')
        return
        ;;
    esac
}

_mmtrain_bench_allreduce() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--sizes --repetitions)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--sizes')
        return
        ;;
    '--repetitions')
        return
        ;;
    esac
}

_mmtrain_bench_scaling() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--model --preset --batch --precision --steps --data --write)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--model')
        return
        ;;
    '--preset')
        return
        ;;
    '--batch')
        return
        ;;
    '--precision')
        return
        ;;
    '--steps')
        return
        ;;
    '--data')
        return
        ;;
    '--write')
        return
        ;;
    esac
}

_mmtrain_bench_hosts() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--hostfile --model --preset --batch --precision --steps --threads --data --caption-lengths)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--hostfile')
        return
        ;;
    '--model')
        return
        ;;
    '--preset')
        return
        ;;
    '--batch')
        return
        ;;
    '--precision')
        return
        ;;
    '--steps')
        return
        ;;
    '--threads')
        return
        ;;
    '--data')
        return
        ;;
    '--caption-lengths')
        return
        ;;
    esac
}

_mmtrain_bench_loader() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--data --split --image-size --photos)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--data')
        return
        ;;
    '--split')
        return
        ;;
    '--image-size')
        return
        ;;
    '--photos')
        return
        ;;
    esac
}

_mmtrain_bench_checkpoint() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--model --preset --output --repetitions)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--model')
        return
        ;;
    '--preset')
        return
        ;;
    '--output')
        return
        ;;
    '--repetitions')
        return
        ;;
    esac
}

_mmtrain_bench_startup() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--data --preset --repetitions)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--data')
        return
        ;;
    '--preset')
        return
        ;;
    '--repetitions')
        return
        ;;
    esac
}

_mmtrain_bench_safeguards() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--model --preset --batch --steps)
    __mmtrain_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--model')
        return
        ;;
    '--preset')
        return
        ;;
    '--batch')
        return
        ;;
    '--steps')
        return
        ;;
    esac
}

_mmtrain_help() {
    repeating_flags=()
    non_repeating_flags=(--version)
    repeating_options=()
    non_repeating_options=()
    __mmtrain_offer_flags_options -1
}

complete -o filenames -F _mmtrain mmtrain
